"""
What is left of an issued document: what it charged, less what notes on it gave back.

    charged by the document   20.00      notes on it   -5.00     left   15.00

What other documents did to the same key counts too.  Of 12.35 charged in February and 1.65 added in
March, a note on February's document may have given back 14.00; then nothing is left of either:

    left of a line = the smaller of: its money and the notes on it; all documents of its key

Money is as lines have it: without taxes on top, with those that prices hold.
"""

from collections.abc import Iterable, Sequence

from tallystick.invoicing.invoice import Invoice
from tallystick.invoicing.line import Line
from tallystick.kernel import InvoiceId, Money


def notes_on(document: InvoiceId, history: Iterable[Invoice]) -> tuple[Invoice, ...]:
    """Return the documents that correct one, in the order of issue."""
    return tuple(
        one for one in history if one.reference is not None and one.reference.invoice == document
    )


def left_of(original: Invoice, line: Line, history: Sequence[Invoice]) -> Money:
    """
    Return what may still be given back of a line; nothing below zero.

    Of a line that itself gives back (negative usage) it is what is left of that, negative.

    Args:
        original: the document.
        line: of it.
        history: every issued document that names one of the document's keys, itself included.
    """
    nothing = Money(minor=0, currency=original.currency)
    of_document = sum((_of_key(line, one) for one in notes_on(original.id, history)), line.money)
    if line.money < nothing:
        return min(of_document, nothing)
    to_payer = (one for one in history if one.account == original.account)
    of_key = sum((_of_key(line, one) for one in to_payer), nothing)
    return max(min(of_document, of_key), nothing)


def _of_key(line: Line, document: Invoice) -> Money:
    """Return what a document charges for a line's key."""
    return sum(
        (one.money for one in document.lines if one.key.identity == line.key.identity),
        Money(minor=0, currency=document.currency),
    )

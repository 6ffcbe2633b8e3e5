"""
Which orders wait for a document, and the next regular document with them.

An order is billed once: on the first document that is drafted to open or close a period after it
was made. Where that one is voided to be billed anew, the order waits again; where it is waived, or
credited, it does not.

Where the payer changes, it is billed to whoever pays when its service begins; if he left before it
could be, to who pays then.
"""

from collections.abc import Iterable
from dataclasses import replace

from tallystick.catalog import ManualLine, Subscription
from tallystick.invoicing.basis import Basis
from tallystick.invoicing.differing import rebilled_documents
from tallystick.invoicing.due import left_at, payer_at
from tallystick.invoicing.invoice import DocumentType, Invoice, Purpose
from tallystick.invoicing.line import Line, LineKey, LineKind
from tallystick.invoicing.manual.lines import entered_line, ordered_key
from tallystick.invoicing.replay import Billed
from tallystick.kernel import instant, settle

REGULAR = frozenset({Purpose.OPENING, Purpose.PERIOD})


def waiting_orders(contract: Subscription, billed: Iterable[Billed]) -> tuple[ManualLine, ...]:
    """
    Return the orders of a contract that no document has billed, in the order of the orders.

    Args:
        contract: with the orders that stand.
        billed: its issued lines, in the order of issue.
    """
    if not contract.manual:
        return ()
    lines = tuple(billed)
    anew = rebilled_documents(lines)
    done = {
        line.key
        for line in lines
        if line.kind is LineKind.MANUAL
        and line.document_type is DocumentType.INVOICE
        and line.document not in anew
    }
    return tuple(one for one in contract.manual if ordered_key(contract.key, one) not in done)


def with_orders(invoice: Invoice, basis: Basis, billed: Iterable[Billed]) -> Invoice:
    """Return a regular document with a line for each order that waits, behind its own lines."""
    if invoice.purpose not in REGULAR:
        return invoice
    known = tuple(billed)
    lines = tuple(
        with_settled(
            entered_line(
                order,
                ordered_key(basis.subscription.key, order),
                basis,
                document=invoice.id,
                position=invoice.position,
            ),
            known,
        )
        for order in orders_on(invoice, basis, known)
    )
    return replace(invoice, lines=(*invoice.lines, *lines)) if lines else invoice


def orders_on(invoice: Invoice, basis: Basis, billed: Iterable[Billed]) -> tuple[ManualLine, ...]:
    """Return the orders that wait for a regular document, in the order of the orders."""
    waiting = waiting_orders(basis.subscription, billed)
    return tuple(one for one in waiting if _is_paid(one, invoice, basis))


def _is_paid(order: ManualLine, invoice: Invoice, basis: Basis) -> bool:
    """Tell whether the payer of a document pays for an order, or whoever does has left before."""
    begins = instant(order.start)
    if not basis.payers or payer_at(basis, begins) == basis.payer:
        return True
    due = invoice.period.start if invoice.purpose is Purpose.OPENING else invoice.period.end
    left = left_at(basis, begins, through=due)
    return left is not None and left < due


def with_settled(line: Line, billed: Iterable[Billed]) -> Line:
    """
    Return a line less what stays settled of its order after a document was voided.

    What a credit note gave back before the void stays given back: of 150.00 less 3.87 the void took
    146.13, and as much is billed anew.
    """
    settled = line.settled_before
    for one in billed:
        if one.key == line.key and one.purpose is not Purpose.CREDIT:
            settled += one.money
    return replace(line, settled_before=settled, money=settle(line.exact) - settled)


def stale_orders(
    draft: Invoice, contract: Subscription, billed: Iterable[Billed]
) -> tuple[LineKey, ...]:
    """Return the lines of a draft whose orders were taken back, or billed elsewhere, since."""
    if draft.purpose not in REGULAR:
        return ()
    waiting = {ordered_key(contract.key, one) for one in waiting_orders(contract, billed)}
    return tuple(
        line.key for line in draft.lines if line.kind is LineKind.MANUAL and line.key not in waiting
    )

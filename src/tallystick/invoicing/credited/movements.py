"""
Which movements of credit go with a document as it is issued.

What it takes for its lines, each under the line's id; and what it brings back: where a line comes
to less than credit covered of its key before, or where it voids a document, all that this took.
"""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import replace
from decimal import Decimal

from tallystick.credits import Movement
from tallystick.invoicing.basis import Basis
from tallystick.invoicing.credited.covering import Credit, Open, without_credit
from tallystick.invoicing.credited.held import Held, giving_back, kept, sum_of
from tallystick.invoicing.invoice import DocumentType, Invoice, Purpose
from tallystick.invoicing.line import Line, line_id
from tallystick.invoicing.replay import Billed
from tallystick.invoicing.schedule import as_billed
from tallystick.kernel import EXACT, settle


def credit_movements(
    invoice: Invoice, basis: Basis, *, billed: Iterable[Billed]
) -> tuple[Movement, ...]:
    """
    Return what a document takes of credit and brings back, in the order in which it is recorded.

    Args:
        invoice: that is issued.
        basis: of its contract; its credit is what was known when it was drafted.
        billed: lines of all documents before it, also of those issued beside it.

    What comes back counts from when it was taken, as if it had not been.
    """
    if basis.credits is None or invoice.purpose in {Purpose.CREDIT, Purpose.ONE_OFF}:
        return ()
    credit = Credit(basis, billed)
    history = credit.history
    made: list[Movement] = []
    for line, held, amount in _returned(invoice, credit):
        back = giving_back(history, held, amount, line=line.id, document=invoice.id)
        for movement in back:
            history = history.moved(movement)
        made += back
    if invoice.document_type is DocumentType.INVOICE:
        found = credit.covered(invoice.id, opens_of(invoice))
        made += [movement for _, movement in found.values()]
    return tuple(made)


def opens_of(invoice: Invoice) -> tuple[Open, ...]:
    """Return the lines of a document as they come to before credit."""
    return tuple(
        Open(key=line.key, charge=without_credit(line.charge), before=line.settled_before)
        for line in invoice.lines
        if line.charge is not None
    )


def _returned(invoice: Invoice, credit: Credit) -> Iterator[tuple[Line, Sequence[Held], Decimal]]:
    """Yield lines of which credit comes back, what was taken for them, and how much of it comes."""
    for line in invoice.lines:
        held = credit.held(line.key)
        if invoice.purpose is Purpose.VOID and invoice.reference is not None:
            name = line_id(invoice.reference.invoice, line.key)
            own = tuple(one for one in held if one.movement == name)
            if own:
                yield line, own, sum_of(one.part for one in own)
        elif held and line.charge is not None:
            whole = settle(without_credit(line.charge).amount).decimal
            stays = sum_of(one.part for one in kept(held, whole))
            back = EXACT.subtract(sum_of(one.part for one in held), stays)
            if back > 0:
                yield line, held, back


def with_spent(basis: Basis, spent: Iterable[Movement]) -> Basis:
    """Return a basis that knows what documents drafted beside it take of the payer's credit."""
    if basis.credits is None:
        return basis
    history = basis.credits
    for movement in spent:
        history = history.moved(movement)
    return replace(basis, credits=history)


def spent_by(
    drafts: Sequence[Invoice], basis: Basis, *, billed: Sequence[Billed]
) -> tuple[Movement, ...]:
    """Return what drafts of one contract take of credit and bring back, in their order."""
    if basis.credits is None:
        return ()
    return tuple(
        movement
        for place, draft in enumerate(drafts)
        for movement in credit_movements(draft, basis, billed=(*billed, *as_billed(drafts[:place])))
    )

"""
Which movements of credit go with a document as it is issued.

What it takes for its lines, each under the line's id; and what it brings back: where a line comes
to less than credit covered of its key before, or where it voids a document, all that this took.
"""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import replace
from decimal import Decimal

from tallystick.credits import Movement
from tallystick.invoicing.basis import Basis
from tallystick.invoicing.credited.covering import Credit, Open, without_credit
from tallystick.invoicing.credited.held import Held, giving_back, kept, sum_of
from tallystick.invoicing.credited.taking import line_of
from tallystick.invoicing.invoice import DocumentType, Invoice, Purpose
from tallystick.invoicing.line import Line, line_id
from tallystick.invoicing.replay import Billed, Identity
from tallystick.invoicing.schedule import as_billed
from tallystick.kernel import EXACT, settle
from tallystick.pricing import Charge


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
    if not knows_credit(basis) or invoice.purpose in {Purpose.CREDIT, Purpose.ONE_OFF}:
        return ()
    credit = Credit(basis, billed)
    history = credit.history
    made: list[Movement] = []
    for line, held, amount in _returned(invoice, credit):
        of = line_id(invoice.id, line.key)
        back = giving_back(history, held, amount, line=of, document=invoice.id)
        for movement in back:
            history = history.moved(movement)
        made += back
    if invoice.document_type is DocumentType.INVOICE:
        found = credit.covered(invoice.id, opens_of(invoice))
        made += [movement for _, taken in found.values() for movement in taken]
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
            own = tuple(one for one in held if line_of(one.movement) == name)
            if own:
                yield line, own, sum_of(one.part for one in own)
        elif held and line.charge is not None:
            whole = settle(without_credit(line.charge).amount).decimal
            stays = sum_of(one.part for one in kept(held, whole))
            back = EXACT.subtract(sum_of(one.part for one in held), stays)
            if back > 0:
                yield line, held, back


def credited(invoice: Invoice, credit: Credit) -> Invoice:
    """
    Return an invoice with what credit takes off its lines, and nothing of what it says it took.

    A note is returned as it is: it takes nothing.
    """
    if invoice.document_type is not DocumentType.INVOICE:
        return invoice
    found = credit.net(invoice.id, opens_of(invoice))
    return replace(invoice, lines=tuple(_net_of(line, found) for line in invoice.lines))


def _net_of(line: Line, found: Mapping[Identity, Charge]) -> Line:
    if line.charge is None or found[line.key.identity] == line.charge:
        return line
    charge = found[line.key.identity]
    money = settle(charge.amount) - line.settled_before
    return replace(line, charge=charge, exact=charge.amount, money=money)


def knows_credit(basis: Basis) -> bool:
    """Tell whether a basis, or that of one of its contracts, knows credit."""
    return any(one.credits is not None for one in basis.contracts)


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

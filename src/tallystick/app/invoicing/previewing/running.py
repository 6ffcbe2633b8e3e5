"""The draft of a running period with the usage so far, which is cheap enough to be asked often."""

from dataclasses import dataclass
from datetime import datetime

from tallystick.app.invoicing.measure import Books, DraftOrder, draft_due
from tallystick.app.invoicing.ports import BillingSources
from tallystick.invoicing import Basis, Due, Invoice, Purpose, billed_for_a_look
from tallystick.kernel import Done, Outcome, Refused


@dataclass(frozen=True, slots=True, kw_only=True)
class Look:
    """As of which instant a preview looks, and at usage up to which log position."""

    at: datetime
    position: int


def running_due(basis: Basis, at: datetime) -> Due | None:
    """Return the document of the billing period that runs at an instant; None between contracts."""
    last = basis.periods_of().last(at)
    if last is None or not last.span.contains(at):
        return None
    return Due(period=last.span, purpose=Purpose.PERIOD, at=last.span.end)


def draft_running(
    basis: Basis, due: Due, books: Books, look: Look, *, sources: BillingSources
) -> Outcome[Invoice | None]:
    """
    Return the draft of a running period, without digests and without corrections of closed periods.

    Problems:
        As `draft_due`.
    """
    order = DraftOrder(
        basis=basis,
        due=due,
        billed=billed_for_a_look(books.billed, due),
        rated=books.billed,
        position=look.position,
        kept=books.kept,
        preview_at=look.at,
    )
    outcome = draft_due(order, sources)
    return outcome if isinstance(outcome, Refused) else Done(outcome.value.invoice)

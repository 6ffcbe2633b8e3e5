"""Lists and shows disputes; one is shown with the explanation of its lines and their events."""

from dataclasses import dataclass

from tallystick.app.carrying_out import Kept
from tallystick.app.command import Caller, missing_scope
from tallystick.app.invoicing.explain_invoice import ExplainInvoice, Explanation, explain_invoice
from tallystick.app.invoicing.ports import BillingSources
from tallystick.app.own_rows import PAGE_MAX, own_rows
from tallystick.app.unit_of_work import UnitOfWork
from tallystick.invoicing import Dispute, DisputeState
from tallystick.kernel import Done, Outcome, Refused, refuse

EVENTS_SHOWN = 100


@dataclass(frozen=True, slots=True, kw_only=True)
class ShownDispute:
    """
    A dispute with what the document rests on.

    Attributes:
        explanations: of each disputed line, with the first events behind it; of a whole document
            one, without events.
    """

    dispute: Dispute
    explanations: tuple[Explanation, ...]


def list_disputes(
    caller: Caller,
    *,
    uow: UnitOfWork,
    after: str = "",
    limit: int = 100,
    state: DisputeState | None = None,
) -> Outcome[list[Dispute]]:
    """
    Return disputes by id, those behind ``after``; a caller of one account sees its own.

    Problems:
        forbidden: the caller lacks the scope ``read``.
    """
    most = min(limit, PAGE_MAX)
    return own_rows(
        lambda of: uow.disputes.page(after=after, limit=most, account=of, state=state),
        caller=caller,
        uow=uow,
    )


def show_dispute(
    caller: Caller, id: str, *, uow: UnitOfWork, sources: BillingSources
) -> Outcome[ShownDispute]:
    """
    Return a dispute with the explanation of its lines, down to events.

    Problems:
        forbidden: the caller lacks the scope ``read``.
        unknown_dispute: there is none of this id, or the caller may not see it.
    """
    unpermitted = missing_scope(caller, "read")
    if unpermitted is not None:
        return Refused((unpermitted,))
    with uow:
        found = loaded(uow, id)
    if isinstance(found, Refused):
        return found
    dispute = found.value
    if caller.account not in {None, dispute.account}:
        return refuse("unknown_dispute", f"there is no dispute {id}", "dispute")
    explanations = []
    for line in dispute.lines or (None,):
        asked = ExplainInvoice(invoice=dispute.invoice, line=line, limit=EVENTS_SHOWN)
        told = explain_invoice(asked, caller=caller, uow=uow, sources=sources)
        if isinstance(told, Refused):
            return told
        explanations.append(told.value)
    return Done(ShownDispute(dispute=dispute, explanations=tuple(explanations)))


def loaded(uow: UnitOfWork, id: str) -> Outcome[Dispute]:
    """
    Return a dispute, within a unit of work that is open.

    Problems:
        unknown_dispute: there is none of this id.
    """
    found = uow.disputes.load(id)
    if found is None:
        return refuse("unknown_dispute", f"there is no dispute {id}", "dispute")
    return Done(found)


def kept_by_id(uow: UnitOfWork) -> Kept[Dispute]:
    """Return how a dispute is remembered: a repeat is told how it stands then."""
    return Kept(write=lambda dispute: dispute.id.encode(), read=lambda id: loaded(uow, id.decode()))

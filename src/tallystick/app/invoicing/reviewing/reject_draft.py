"""Throws a draft away that a review found wrong."""

from dataclasses import dataclass

from tallystick.app.carrying_out import NOTHING, Decided, Effect, carried_out
from tallystick.app.clock import Clock
from tallystick.app.command import Caller, missing_scope
from tallystick.app.invoicing.gathering import lock_contracts
from tallystick.app.invoicing.notes import reason_problem
from tallystick.app.invoicing.ports import StoredDocument
from tallystick.app.unit_of_work import UnitOfWork
from tallystick.kernel import Done, InvoiceId, Outcome, Refused, refuse


@dataclass(frozen=True, slots=True, kw_only=True)
class RejectDraft:
    """Throw a draft away, and those of its contracts that rest on it."""

    invoice: InvoiceId
    reason: str


def reject_draft(
    command: RejectDraft, *, caller: Caller, uow: UnitOfWork, clock: Clock
) -> Outcome[None]:
    """
    Discard all drafts of the draft's subscription; the next run drafts them anew.

    Problems:
        forbidden: the caller lacks the scope ``billing``.
        wrong_reason: no reason, or one that cannot be printed.
        unknown_invoice: there is no such document.
        already_issued: it has a number.
    """
    problem = missing_scope(caller, "billing") or reason_problem(command.reason)
    if problem is not None:
        return Refused((problem,))

    def decide() -> Decided[None]:
        draft = _locked(uow, command.invoice)
        if isinstance(draft, Refused):
            return draft
        found = draft.value
        for contract in found.invoice.contracts:
            uow.invoices.discard_drafts(contract)
        subject = f"invoice:{command.invoice}"
        return Effect(
            answer=None,
            subject=subject,
            at=clock.now(),
            details={"reason": command.reason, "digest": found.digest},
        )

    return carried_out(command, decide, caller=caller, uow=uow, kept=NOTHING)


def _locked(uow: UnitOfWork, id: InvoiceId) -> Outcome[StoredDocument]:
    """Return a draft, its subscription locked: as it stands when all before it are done."""
    found = uow.invoices.load_document(id)
    if found is not None:
        lock_contracts(uow, found.invoice.contracts)
        found = uow.invoices.load_document(id)
    if found is None:
        return refuse("unknown_invoice", f"there is no document {id}", "invoice")
    if found.invoice.number is not None:
        message = f"document {id} was issued as {found.invoice.number}"
        return refuse("already_issued", message, "invoice")
    return Done(found)

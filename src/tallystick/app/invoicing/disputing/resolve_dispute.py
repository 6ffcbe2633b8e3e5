"""Resolves a dispute: with a credit note over a part of what is disputed, or with none."""

from dataclasses import dataclass, replace

from tallystick.app.carrying_out import Decided, Effect, carried_out
from tallystick.app.clock import Clock
from tallystick.app.command import Caller, missing_scope
from tallystick.app.invoicing.disputing.show_disputes import kept_by_id, loaded
from tallystick.app.invoicing.document_writer import DocumentWriter
from tallystick.app.invoicing.issuing import Issuing
from tallystick.app.invoicing.notes import issue_notes, load_note_facts, reason_problem
from tallystick.app.invoicing.ports import (
    NumberedDocument,
)
from tallystick.app.unit_of_work import UnitOfWork
from tallystick.invoicing import (
    CreditedLine,
    CreditKind,
    CreditOrder,
    Dispute,
    DisputeEntry,
    DisputeStep,
    basis_document,
    draft_note,
    refused_step,
)
from tallystick.kernel import Done, Outcome, Refused, refuse


@dataclass(frozen=True, slots=True, kw_only=True)
class ResolveDispute:
    """
    Decide a dispute.

    Attributes:
        outcome: the decision; it stands on the credit note, if there is one.
        amount: given back of the document, or of the one line that is disputed.
        lines: given back of these lines; only disputed ones, where the dispute names lines.
    """

    dispute: str
    outcome: str
    amount: str = ""
    lines: tuple[CreditedLine, ...] = ()


def resolve_dispute(
    command: ResolveDispute,
    *,
    caller: Caller,
    uow: UnitOfWork,
    clock: Clock,
    writer: DocumentWriter,
) -> Outcome[Dispute]:
    """
    Issue the credit note, if something is given back, and record the outcome.

    Problems:
        forbidden: the caller lacks the scope ``billing``.
        wrong_reason: no outcome, or one that cannot be printed.
        unknown_dispute: there is none of this id.
        dispute_resolved: it was resolved before; reopen it.
        wrong_amount: both an amount and lines are given.
        undisputed_line: the dispute is about other lines, or an amount needs its line.
        Those of `load_note_facts`, `draft_note` and `issue_drafts`.
    """
    problem = missing_scope(caller, "billing") or reason_problem(command.outcome)
    if problem is not None:
        return Refused((problem,))
    now = clock.now()

    def decide() -> Decided[Dispute]:
        how = Issuing(at=now, writer=writer, trace_id=caller.trace_id)
        return _resolve(command, uow, caller=caller, how=how)

    return carried_out(command, decide, caller=caller, uow=uow, kept=kept_by_id(uow))


def _resolve(
    command: ResolveDispute, uow: UnitOfWork, *, caller: Caller, how: Issuing
) -> Decided[Dispute]:
    found = loaded(uow, command.dispute)
    if isinstance(found, Refused):
        return found
    dispute = found.value
    problem = refused_step(dispute, DisputeStep.RESOLVED)
    if problem is not None:
        return Refused((problem,))
    details: dict[str, object] = {"dispute": dispute.id}
    note = None
    if command.amount or command.lines:
        issued = _credit(command, dispute, uow, how)
        if isinstance(issued, Refused):
            return issued
        note = issued.value.invoice.id
        details["issued"] = {note: issued.value.digest}
    entry = DisputeEntry(
        step=DisputeStep.RESOLVED, at=how.at, by=caller.actor, text=command.outcome, note=note
    )
    uow.disputes.append(dispute, entry)
    resolved = replace(dispute, entries=(*dispute.entries, entry))
    subject = f"invoice:{dispute.invoice}"
    return Effect(answer=resolved, subject=subject, at=how.at, details=details)


def _credit(
    command: ResolveDispute, dispute: Dispute, uow: UnitOfWork, how: Issuing
) -> Outcome[NumberedDocument]:
    """Issue the credit note of a resolution."""
    lines = command.lines
    if command.amount and lines:
        return refuse("wrong_amount", "give an amount of the document, or its lines", "amount")
    if dispute.lines and command.amount and len(dispute.lines) == 1:
        lines = (CreditedLine(line=dispute.lines[0], amount=command.amount),)
    others = {one.line for one in lines} - set(dispute.lines)
    if dispute.lines and (others or not lines):
        message = f"name the lines {', '.join(dispute.lines)}, which are disputed"
        return refuse("undisputed_line", message, "lines")
    order = CreditOrder(
        document=dispute.invoice,
        kind=CreditKind.DISPUTE,
        reason=command.outcome,
        amount="" if lines else command.amount,
        lines=lines,
    )
    facts = load_note_facts(uow, order, at=how.at)
    if isinstance(facts, Refused):
        return facts
    draft = draft_note(facts.value)
    if isinstance(draft, Refused):
        return draft
    basis = replace(facts.value.basis, order=order)
    uow.invoices.save_drafts([draft.value], basis=basis_document(basis))
    issued = issue_notes(uow, [draft.value], how)
    return issued if isinstance(issued, Refused) else Done(issued.value[0])

"""Gives back a part of an issued invoice, for a reason that a person gives."""

from dataclasses import dataclass, replace

from tallystick.app.carrying_out import Decided, Effect, Kept, Preview, carried_out
from tallystick.app.clock import Clock
from tallystick.app.command import Caller, missing_scope
from tallystick.app.invoicing.document_writer import DocumentWriter
from tallystick.app.invoicing.issuing import Issuing
from tallystick.app.invoicing.notes.note_facts import (
    draft_returning,
    issue_notes,
    load_note_facts,
    reason_problem,
)
from tallystick.app.unit_of_work import UnitOfWork
from tallystick.invoicing import (
    CreditedLine,
    CreditKind,
    CreditOrder,
    Invoice,
    basis_document,
    document_of,
    invoice_from_document,
)
from tallystick.kernel import InvoiceId, Outcome, Refused


@dataclass(frozen=True, slots=True, kw_only=True)
class CreditInvoice:
    """
    Give back a part of a document.

    Attributes:
        invoice: an issued invoice.
        reason: stands on the credit note.
        amount: of the document, spread over its lines; empty: by lines, or all that is left.
        lines: how much of which lines.
        dry_run: tell what would be issued, and issue nothing.
    """

    invoice: InvoiceId
    kind: CreditKind
    reason: str
    amount: str = ""
    lines: tuple[CreditedLine, ...] = ()
    dry_run: bool = False


def credit_invoice(
    command: CreditInvoice, *, caller: Caller, uow: UnitOfWork, clock: Clock, writer: DocumentWriter
) -> Outcome[Invoice]:
    """
    Issue a credit note, and return it; a dry run returns the draft.

    Problems:
        forbidden: the caller lacks the scope ``billing``.
        wrong_reason: no reason, or one that cannot be printed.
        Those of `load_note_facts`, `draft_returning` and `issue_drafts`.
    """
    problem = missing_scope(caller, "billing") or reason_problem(command.reason)
    if problem is not None:
        return Refused((problem,))
    now = clock.now()
    sender = replace(caller, idempotency_key=None) if command.dry_run else caller

    def decide() -> Decided[Invoice]:
        order = CreditOrder(
            document=command.invoice,
            kind=command.kind,
            reason=command.reason,
            amount=command.amount,
            lines=command.lines,
        )
        facts = load_note_facts(uow, order, at=now)
        if isinstance(facts, Refused):
            return facts
        draft = draft_returning(uow, facts.value, at=now)
        if isinstance(draft, Refused):
            return draft
        if command.dry_run:
            return Preview(answer=draft.value)
        basis = replace(facts.value.basis, order=order)
        uow.invoices.save_drafts([draft.value], basis=basis_document(basis))
        how = Issuing(at=now, writer=writer, trace_id=caller.trace_id)
        issued = issue_notes(uow, [draft.value], how)
        if isinstance(issued, Refused):
            return issued
        (done,) = issued.value
        subject = f"invoice:{command.invoice}"
        details = {"issued": {done.invoice.id: done.digest}, "kind": command.kind.value}
        return Effect(answer=done.invoice, subject=subject, at=now, details=details)

    kept = Kept(write=document_of, read=invoice_from_document)
    return carried_out(command, decide, caller=sender, uow=uow, kept=kept)

"""Opens a dispute on an issued document, or on some of its lines."""

from dataclasses import dataclass

from tallystick.app.carrying_out import Decided, Effect, carried_out
from tallystick.app.clock import Clock
from tallystick.app.command import Caller, missing_scope
from tallystick.app.invoicing.disputing.show_disputes import kept_by_id
from tallystick.app.invoicing.gathering import lock_contracts
from tallystick.app.invoicing.notes import reason_problem
from tallystick.app.unit_of_work import UnitOfWork
from tallystick.invoicing import Dispute, DisputeEntry, DisputeStep, DocumentType, Invoice
from tallystick.kernel import Done, InvoiceId, Outcome, Refused, derived_id, refuse


@dataclass(frozen=True, slots=True, kw_only=True)
class OpenDispute:
    """Object to a document, or to the lines of these ids; ``reason``: the objection."""

    invoice: InvoiceId
    reason: str
    lines: tuple[str, ...] = ()


def open_dispute(
    command: OpenDispute, *, caller: Caller, uow: UnitOfWork, clock: Clock
) -> Outcome[Dispute]:
    """
    Record the objection; nothing is given back by it.

    Problems:
        forbidden: the caller lacks the scope ``billing``.
        wrong_reason: no reason, or one that cannot be printed.
        unknown_invoice, not_an_invoice: there is no issued invoice of this id.
        unknown_line: it has no such line.
    """
    problem = missing_scope(caller, "billing") or reason_problem(command.reason)
    if problem is not None:
        return Refused((problem,))
    now = clock.now()

    def decide() -> Decided[Dispute]:
        invoice = _disputed(command, uow)
        if isinstance(invoice, Refused):
            return invoice
        number = uow.disputes.count(command.invoice) + 1
        text = DisputeEntry(step=DisputeStep.OPENED, at=now, by=caller.actor, text=command.reason)
        dispute = Dispute(
            id=derived_id("dispute", command.invoice, str(number)),
            invoice=command.invoice,
            account=invoice.value.account,
            lines=command.lines,
            entries=(text,),
        )
        uow.disputes.add(dispute)
        subject = f"invoice:{command.invoice}"
        details = {"dispute": dispute.id}
        return Effect(answer=dispute, subject=subject, at=now, details=details)

    return carried_out(command, decide, caller=caller, uow=uow, kept=kept_by_id(uow))


def _disputed(command: OpenDispute, uow: UnitOfWork) -> Outcome[Invoice]:
    found = uow.invoices.load_document(command.invoice)
    if found is None:
        return refuse("unknown_invoice", f"there is no document {command.invoice}", "invoice")
    invoice = found.invoice
    lock_contracts(uow, invoice.contracts)
    if invoice.number is None or invoice.document_type is not DocumentType.INVOICE:
        message = f"{command.invoice} is not an issued invoice"
        return refuse("not_an_invoice", message, "invoice")
    unknown = set(command.lines) - {line.id for line in invoice.lines}
    if unknown:
        message = f"{invoice.number} has no line {', '.join(sorted(unknown))}"
        return refuse("unknown_line", message, "lines")
    return Done(invoice)

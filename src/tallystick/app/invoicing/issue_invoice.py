"""Issues a draft: it gets its number, enters the journal, and never changes again."""

from dataclasses import dataclass
from datetime import date

from tallystick.app.carrying_out import Decided, Effect, Kept, carried_out
from tallystick.app.clock import Clock
from tallystick.app.command import Caller, missing_scope
from tallystick.app.invoicing.document_writer import DocumentWriter
from tallystick.app.invoicing.explain_invoice import read_basis
from tallystick.app.invoicing.gathering import lock_contracts
from tallystick.app.invoicing.issuing import Issue, Issuing, issue_drafts
from tallystick.app.invoicing.load_basis import legal_entity_of
from tallystick.app.invoicing.ports import (
    NumberedDocument,
    StoredDocument,
)
from tallystick.app.unit_of_work import UnitOfWork
from tallystick.invoicing import (
    Invoice,
    document_of,
    invoice_from_document,
    issue_date,
    sections_of,
    stale_keys,
    stale_orders,
    taxed,
)
from tallystick.kernel import (
    Done,
    InvoiceId,
    Outcome,
    Refused,
    refuse,
)


@dataclass(frozen=True, slots=True, kw_only=True)
class IssueInvoice:
    """Issue a draft; ``digest``: as it was reviewed, empty for whatever stands."""

    invoice: InvoiceId
    digest: str = ""


def issue_invoice(
    command: IssueInvoice, *, caller: Caller, uow: UnitOfWork, clock: Clock, writer: DocumentWriter
) -> Outcome[Invoice]:
    """
    Issue a draft as it was reviewed.

    Problems:
        forbidden: the caller lacks the scope ``billing``.
        unknown_invoice: there is no such document.
        already_issued: it has a number.
        changed_draft: it is not the one that was reviewed.
        stale_draft: other documents have charged its keys since, or its taxes on the day of
            issue are others; draft it again.
        unsound_draft, and those of `DocumentWriter.write`: see `issue_drafts`.
        issue_date_decreases: see `InvoiceSeries.take`.
    """
    unpermitted = missing_scope(caller, "billing")
    if unpermitted is not None:
        return Refused((unpermitted,))
    now = clock.now()

    def decide() -> Decided[Invoice]:
        how = Issuing(at=now, writer=writer, trace_id=caller.trace_id)
        outcome = _issue(command, uow, how)
        if isinstance(outcome, Refused):
            return outcome
        done = outcome.value
        subject = f"invoice:{done.invoice.id}"
        details = {"issued": {done.invoice.id: done.digest}}
        return Effect(answer=done.invoice, subject=subject, at=now, details=details)

    kept = Kept(write=document_of, read=invoice_from_document)
    return carried_out(command, decide, caller=caller, uow=uow, kept=kept)


def _issue(command: IssueInvoice, uow: UnitOfWork, how: Issuing) -> Outcome[NumberedDocument]:
    draft = _draft(uow, command.invoice)
    if isinstance(draft, Refused):
        return draft
    if command.digest not in {"", draft.value.digest}:
        message = f"{command.invoice} was drafted anew since {command.digest} was reviewed"
        return refuse("changed_draft", message, "digest")
    invoice = draft.value.invoice
    entity = legal_entity_of(uow.catalog.load_definitions(), invoice.legal_entity)
    if isinstance(entity, Refused):
        return entity
    issue = Issue(entity=entity.value, at=how.at, writer=how.writer, trace_id=how.trace_id)
    retaxed = _retaxed(uow, draft.value, on=issue_date(how.at, entity.value))
    if isinstance(retaxed, Refused):
        return retaxed
    issued = issue_drafts(uow, [retaxed.value], issue)
    return issued if isinstance(issued, Refused) else Done(issued.value[0])


def _draft(uow: UnitOfWork, invoice: InvoiceId) -> Outcome[StoredDocument]:
    """Return a draft that may be issued; its contracts stay locked."""
    found = uow.invoices.load_document(invoice)
    if found is None:
        return refuse("unknown_invoice", f"there is no document {invoice}", "invoice")
    lock_contracts(uow, found.invoice.contracts)
    found = uow.invoices.load_document(invoice)
    if found is None:
        message = f"draft {invoice} was thrown away or drafted anew just now; look at it again"
        return refuse("changed_draft", message, "invoice")
    if found.invoice.number is not None:
        message = f"document {invoice} was issued as {found.invoice.number}"
        return refuse("already_issued", message, "invoice")
    billed = uow.shared.load_billed(found.invoice.contracts)
    stale = stale_keys(found.invoice, billed)
    for one in sections_of(found.invoice, read_basis(found)) or (found.invoice,):
        contract = uow.subscriptions.load_subscription(one.subscription)
        if contract is not None:
            stale += tuple(str(key) for key in stale_orders(one, contract, billed))
    if stale:
        message = f"{stale[0]} was charged by another document or taken back since; draft it again"
        return refuse("stale_draft", message, "invoice")
    return Done(found)


def _retaxed(uow: UnitOfWork, draft: StoredDocument, *, on: date) -> Outcome[Invoice]:
    """Return a draft as it may be issued on a day: with the taxes that were reviewed."""
    invoice = draft.invoice
    if not invoice.taxes:
        return Done(invoice)
    billed = uow.shared.load_billed(invoice.contracts)
    outcome = taxed(invoice, read_basis(draft), billed=billed, on=on)
    if isinstance(outcome, Done) and outcome.value.lines != invoice.lines:
        message = f"the taxes of {invoice.id} are others when it is issued on {on}; draft it again"
        return refuse("stale_draft", message, "invoice")
    return outcome

"""Exports the proof of a document: one file that verifies without this installation."""

from tallystick.app.command import Caller
from tallystick.app.invoicing.explain_invoice import read_basis
from tallystick.app.invoicing.ports import BillingSources, StoredDocument
from tallystick.app.invoicing.read_invoices import load_shown
from tallystick.app.unit_of_work import UnitOfWork
from tallystick.invoicing import (
    AuditedIssue,
    IssueRecord,
    IssueSeal,
    Proof,
    SealedUsage,
    converted_beside,
    documents_before,
    ordered_key,
    proven_events,
    verification_queries,
    write_proof,
)
from tallystick.kernel import Done, InvoiceId, Outcome, Refused, instant_text, refuse
from tallystick.metering import Event, UsageQuery

_PAGE = 50_000
EVENTS_MAX = 5_000_000


def export_proof(
    caller: Caller, invoice: InvoiceId, *, uow: UnitOfWork, sources: BillingSources
) -> Outcome[bytes]:
    """
    Return the proof file of a document, draft or issued.

    Problems:
        forbidden, unknown_invoice: see `show_invoice`.
        events_removed: its events are gone; `verify_invoice` goes back to what was sealed of them.
        too_large: it rests on more than five million events.
    """
    with uow:
        shown = load_shown(caller, invoice, uow=uow)
        if isinstance(shown, Refused):
            return shown
        previous = load_previous(uow, shown.value)
        audit = load_audit(uow, shown.value)
        sealed = load_sealed(uow, shown.value)
    if sealed:
        message = "the events behind it were removed; what was sealed of them verifies here alone"
        return refuse("events_removed", message)
    events: list[Event] = []
    for query in verification_queries(shown.value.invoice, read_basis(shown.value)):
        events += _events(query, sources, limit=EVENTS_MAX + 1 - len(events))
        if len(events) > EVENTS_MAX:
            message = f"the document rests on more than {EVENTS_MAX} events"
            return refuse("too_large", message)
    return Done(
        write_proof(
            Proof(
                document=shown.value.content.decode(),
                basis=shown.value.basis.decode(),
                previous=[document.content.decode() for document in previous],
                events=proven_events(events),
                audit=audit,
            )
        )
    )


def load_audit(uow: UnitOfWork, document: StoredDocument) -> AuditedIssue | None:
    """Return the audit record of a document's issue; None for a draft."""
    found = uow.audit.issue_of(document.invoice.id)
    if found is None:
        return None
    (stored, seal), record = found, found[0].record
    return AuditedIssue(
        id=stored.id,
        record=IssueRecord(
            workspace=record.workspace,
            recorded_at=instant_text(record.recorded_at),
            actor=record.actor,
            command=record.command,
            subject=record.subject,
            input_digest=record.input_digest,
            details=dict(record.details),
            request_id=record.request_id,
            trace_id=record.trace_id,
        ),
        seal=None
        if seal is None
        else IssueSeal(
            sequence=seal.sequence, previous_digest=seal.previous_digest, digest=seal.digest
        ),
    )


def load_previous(uow: UnitOfWork, document: StoredDocument) -> tuple[StoredDocument, ...]:
    """Return the documents that this one follows from, in the order of issue."""
    invoice, contracts = document.invoice, read_basis(document).contracts
    keys = [line.key for line in invoice.lines]
    ids = documents_before(
        invoice,
        uow.shared.load_billed(invoice.contracts),
        by_hand=[
            ordered_key(one.subscription.key, order)
            for one in contracts
            for order in one.subscription.manual
        ],
        beside=[
            key
            for one in contracts
            for key in converted_beside(
                one, [key for key in keys if key.subscription == one.subscription.key]
            )
        ],
    )
    found = (uow.invoices.load_document(id_) for id_ in ids)
    return tuple(one for one in found if one is not None)


def load_sealed(uow: UnitOfWork, document: StoredDocument) -> tuple[SealedUsage, ...]:
    """Return what was sealed for a document, in a unit of work that is open."""
    found = (one for key in document.invoice.contracts for one in uow.sealed.load(key))
    return tuple(one for one in found if one.document == document.invoice.id)


def _events(query: UsageQuery, sources: BillingSources, *, limit: int) -> list[Event]:
    """Return the events of a query, page by page, at most so many."""
    found: list[Event] = []
    after = 0
    while len(found) < limit:
        page = sources.usage.events(query, after_position=after, limit=_PAGE)
        found += page
        if len(page) < _PAGE:
            break
        after = page[-1].position
    return found

"""Verifies a document from the log itself, with no projection in between."""

from collections.abc import Iterable

from tallystick.app.command import Caller
from tallystick.app.invoicing.explain_invoice import read_basis
from tallystick.app.invoicing.export_proof import load_audit, load_previous, load_sealed
from tallystick.app.invoicing.ports import BillingSources, DocumentChanged, StoredDocument
from tallystick.app.invoicing.read_invoices import load_shown
from tallystick.app.segments import LogDamaged
from tallystick.app.unit_of_work import UnitOfWork
from tallystick.invoicing import (
    Claim,
    SealedUsage,
    VerificationReport,
    verification_queries,
    verify_document,
)
from tallystick.kernel import Done, InvoiceId, Outcome, Refused, digest, refuse
from tallystick.metering import Event, UsageQuery, event_types


def verify_invoice(
    caller: Caller, invoice: InvoiceId, *, uow: UnitOfWork, sources: BillingSources
) -> Outcome[VerificationReport]:
    """
    Make every line again from the events in the log, compare, and see that the audit names it.

    Problems:
        forbidden, unknown_invoice: see `show_invoice`.
        changed_document: document or basis do not have the digest that was stored with them.
        missing_audit: no audit record names the document, though it was issued.
        log_damaged: the log cannot be read up to the document's position.
        Those of `verify_document`, the first difference first.
    """
    try:
        claimed = _claim(caller, invoice, uow)
    except DocumentChanged as error:
        return refuse("changed_document", str(error), "invoice")
    if isinstance(claimed, Refused):
        return claimed
    claim = claimed.value
    if claim.audit is None and claim.invoice.number is not None:
        message = f"no record of the audit names the issue of {claim.invoice.number}"
        return refuse("missing_audit", message, "audit")
    try:
        events = _logged_events(claim, sources)
    except LogDamaged as error:
        return refuse("log_damaged", str(error), "events")
    return verify_document(claim, events)


def _logged_events(claim: Claim, sources: BillingSources) -> list[Event]:
    queries = verification_queries(claim.invoice, claim.basis, sealed=claim.sealed)
    if not queries:
        return []
    found = sources.log.read(
        workspace=claim.basis.workspace,
        types=frozenset().union(*(event_types(query.meter) for query in queries)),
        subjects=_subjects(queries),
        through=claim.invoice.position,
    )
    return list(found)


def _claim(caller: Caller, invoice: InvoiceId, uow: UnitOfWork) -> Outcome[Claim]:
    with uow:
        shown = load_shown(caller, invoice, uow=uow)
        if isinstance(shown, Refused):
            return shown
        return Done(load_claim(uow, shown.value, sealed=load_sealed(uow, shown.value)))


def load_claim(
    uow: UnitOfWork, document: StoredDocument, *, sealed: tuple[SealedUsage, ...]
) -> Claim:
    """Return a document with all that it says it follows from, in a unit of work that is open."""
    return Claim(
        invoice=document.invoice,
        digest=document.digest,
        basis=read_basis(document),
        basis_digest=digest(document.basis),
        previous=tuple(one.invoice for one in load_previous(uow, document)),
        audit=load_audit(uow, document),
        sealed=sealed,
    )


def _subjects(queries: Iterable[UsageQuery]) -> frozenset[str] | None:
    """Return whose events matter; None where a query looks at all subjects."""
    subjects: set[str] = set()
    for query in queries:
        if query.spans is None:
            return None
        subjects |= {span.subject for span in query.spans}
    return frozenset(subjects)

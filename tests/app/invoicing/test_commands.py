"""Drafting, issuing, previewing, explaining and proving, each as a command of its own."""

from collections.abc import Callable
from dataclasses import dataclass, replace

import msgspec
import pytest
import zstandard

from tallystick.app import Caller
from tallystick.app.audit import ChainHead, seal_audit, verify_audit
from tallystick.app.invoicing import (
    DraftDocuments,
    ExplainInvoice,
    IssueInvoice,
    Preview,
    PreviewInvoice,
    draft_documents,
    explain_invoice,
    export_proof,
    issue_invoice,
    list_invoices,
    preview_invoice,
    show_invoice,
    verify_invoice,
)
from tallystick.app.invoicing.issuing import Issue, issue_drafts
from tallystick.invoicing import DocumentType, Invoice, document_of, verify_bundle
from tallystick.kernel import (
    AccountKey,
    Currency,
    Done,
    InvoiceId,
    Outcome,
    Problem,
    Refused,
    digest,
    instant,
)
from tests.app.invoicing.billing import Billing
from tests.invoicing.world import CONTRACT, ENTITY, amounts, call, cpu

CPU_12H = cpu(1, "2026-01-10T00:00:00Z", "43200")
CALLS_11 = [call(position, "2026-01-20T00:00:00Z") for position in range(2, 13)]


@dataclass(frozen=True, slots=True)
class Lacking:
    """An agreement that always finds the same wrong."""

    found: Problem

    def problem(self, through: int) -> Problem:  # noqa: ARG002 - whatever is asked
        """Return what was found."""
        return self.found

    def repairs(self) -> int:
        """Return that nothing is repaired."""
        return 0


def draft(billing: Billing, *, key: str | None = None) -> tuple[InvoiceId, ...]:
    """Draft what is due, under an idempotency key or none."""
    outcome = draft_documents(
        DraftDocuments(subscription=CONTRACT.key),
        caller=replace(billing.caller, idempotency_key=key),
        uow=billing.unit(),
        sources=billing.sources,
    )
    assert isinstance(outcome, Done), outcome
    return outcome.value


def issue(billing: Billing, invoice: InvoiceId, *, key: str | None = None) -> Outcome[Invoice]:
    """Issue a draft, under an idempotency key or none."""
    return issue_invoice(
        IssueInvoice(invoice=invoice),
        caller=replace(billing.caller, idempotency_key=key),
        uow=billing.unit(),
        clock=billing.clock,
        writer=billing.sources.writer,
    )


def preview(billing: Billing, at: str) -> Preview:
    """Preview the account at an instant."""
    command = PreviewInvoice(account=AccountKey("acme"), at=instant(at))
    outcome = preview_invoice(
        command, caller=billing.caller, uow=billing.unit(), sources=billing.sources
    )
    assert isinstance(outcome, Done), outcome
    (only,) = outcome.value
    return only


def codes(outcome: Outcome[object]) -> list[str]:
    """Return the codes of a refusal, none for what was done."""
    return [p.code for p in outcome.problems] if isinstance(outcome, Refused) else []


def test_draft_then_issue(billing: Billing) -> None:
    """A draft has no number; issued, it has the next one and is what was reviewed."""
    billing.record([CPU_12H])
    opening, january = draft(billing)
    reviewed = billing.document(january).invoice
    assert reviewed.number is None
    billing.record([cpu(2, "2026-01-11T00:00:00Z", "3600")])
    outcome = issue(billing, january)
    assert isinstance(outcome, Done)
    assert outcome.value.number == "INV-2026-000001"
    assert outcome.value.lines == reviewed.lines
    assert isinstance(issue(billing, opening), Done)


def test_draft_needs_a_complete_projection(billing: Billing) -> None:
    """Nothing is drafted from a projection that lacks what the manifest tells of."""
    lacking = Lacking(Problem(code="projection_incomplete", message="load it again"))
    outcome = draft_documents(
        DraftDocuments(subscription=CONTRACT.key),
        caller=billing.caller,
        uow=billing.unit(),
        sources=replace(billing.sources, agreement=lacking),
    )
    assert codes(outcome) == ["projection_incomplete"]


def test_same_command_same_answer(billing: Billing) -> None:
    """Guarantee 8: a draft and an issue sent twice have one effect and one answer."""
    billing.record([CPU_12H])
    first = draft(billing, key="d1")
    billing.record([cpu(2, "2026-01-11T00:00:00Z", "3600")])
    assert draft(billing, key="d1") == first
    once, twice = (issue(billing, first[1], key="i1") for _ in range(2))
    assert once == twice
    assert isinstance(once, Done)
    assert codes(issue(billing, first[0], key="i1")) == ["idempotency_conflict"]
    listed = list_invoices(billing.caller, uow=billing.unit())
    assert isinstance(listed, Done)
    assert [one.number for one in listed.value if one.number] == ["INV-2026-000001"]


def test_stale_draft_is_not_issued(billing: Billing) -> None:
    """A run discards drafts and issues its own; what was discarded cannot be issued."""
    billing.record([CPU_12H])
    _, january = draft(billing)
    billing.run()
    assert codes(issue(billing, january)) == ["already_issued"]
    assert codes(issue(billing, InvoiceId("inv_none"))) == ["unknown_invoice"]


def test_no_number_for_what_does_not_read_back(billing: Billing) -> None:
    """A draft that could not be kept as it is gets no number, and leaves no gap in the series."""
    billing.record([CPU_12H])
    opening, january = (billing.document(one).invoice for one in draft(billing))
    issue_at = Issue(entity=ENTITY, at=billing.clock.now(), writer=billing.sources.writer)
    unwritable = replace(january, currency=Currency(code="USD", exponent=19))
    with billing.unit() as uow:
        assert codes(issue_drafts(uow, [opening, unwritable], issue_at)) == ["unsound_draft"]
        assert uow.series.last_date(ENTITY.key, DocumentType.INVOICE) is None
        done = issue_drafts(uow, [opening, january], issue_at)
        assert isinstance(done, Done), done
        uow.commit()
    assert [one.invoice.number for one in done.value] == ["INV-2026-000001", "INV-2026-000002"]


def test_preview_grows_and_writes_nothing(billing: Billing) -> None:
    """A preview shows the usage so far, with fractions still to be settled, and leaves no trace."""
    billing.record([CPU_12H, *CALLS_11])
    early = preview(billing, "2026-01-15T00:00:00Z").invoice
    assert amounts(early) == {"base": "10.00", "cpu": "0.54", "calls (region (none))": "0.00"}
    later = preview(billing, "2026-01-25T00:00:00Z").invoice
    assert amounts(later) == {"base": "10.00", "cpu": "0.54", "calls (region eu)": "1.00"}
    assert list_invoices(billing.caller, uow=billing.unit()) == Done([])


def test_preview_at_the_end_is_the_invoice(billing: Billing) -> None:
    """The last preview of a period comes to what the invoice says."""
    billing.record([CPU_12H, *CALLS_11])
    last = preview(billing, "2026-01-31T23:59:59.999999Z").invoice
    january = billing.documents(billing.run())[1].invoice
    assert [line.exact for line in last.lines] == [line.exact for line in january.lines]
    assert last.total == january.total


def test_explanation_goes_down_to_events(billing: Billing) -> None:
    """A line leads to the events of its group, page by page, and to their digest."""
    billing.record([CPU_12H, *CALLS_11, call(13, "2026-01-21T00:00:00Z", "us")])
    _, january = billing.run().issued
    lines = billing.document(january).invoice.lines
    asked = ExplainInvoice(invoice=january, line=lines[2].id, limit=10)
    ids: list[str] = []
    while True:
        outcome = explain_invoice(
            asked, caller=billing.caller, uow=billing.unit(), sources=billing.sources
        )
        assert isinstance(outcome, Done)
        ids += [event.id for event in outcome.value.events]
        if outcome.value.next_position is None:
            break
        asked = replace(asked, after_position=outcome.value.next_position)
    assert ids == [f"e{position}" for position in range(2, 13)]
    assert outcome.value.lines[0].measurement is not None
    assert outcome.value.lines[0].measurement.events == 11


def test_exported_proof_verifies(billing: Billing) -> None:
    """The proof of a document and of its credit note verify without the engines."""
    billing.record([CPU_12H, *CALLS_11])
    billing.run()
    billing.record([cpu(2, "2026-01-31T00:00:00Z", "-7200")])
    billing.clock.forward(days=28)
    for invoice in billing.run().issued:
        outcome = export_proof(billing.caller, invoice, uow=billing.unit(), sources=billing.sources)
        assert isinstance(outcome, Done)
        verdict = verify_bundle(outcome.value)
        assert isinstance(verdict, Done), verdict
        assert verdict.value.digest == billing.document(invoice).digest


def test_proof_holds_the_sealed_record_of_its_issue(billing: Billing) -> None:
    """The record in a proof names the document and stands, with its seal, in the audit's chain."""
    billing.record([CPU_12H])
    _, january = billing.run().issued
    seal_audit(billing.database.runner, limit=100)
    content = export_proof(billing.caller, january, uow=billing.unit(), sources=billing.sources)
    assert isinstance(content, Done)
    verdict = verify_bundle(content.value)
    assert isinstance(verdict, Done), verdict
    audit = verdict.value.audit
    assert audit is not None
    assert audit.record.details["issued"][january] == verdict.value.digest
    assert audit.seal is not None
    head = ChainHead(sequence=audit.seal.sequence, digest=audit.seal.digest)
    assert isinstance(verify_audit(billing.unit(), noted=head), Done)


def test_document_rewritten_in_the_store_is_found(billing: Billing) -> None:
    """A document rewritten in the store, digest and all, is not the one that the audit names."""
    billing.record([CPU_12H])
    _, january = billing.run().issued
    stored = billing.document(january)
    content = document_of(replace(stored.invoice, number="INV-2026-000009"))
    with billing.database.connection("postgres") as connection:
        # The triggers that keep issued documents do not stop who rules the whole server.
        connection.execute("SET session_replication_role = replica")
        connection.execute(
            "UPDATE invoice SET content = %s, digest = %s WHERE id = %s",
            (zstandard.compress(content), digest(content), january),
        )
        connection.commit()
    outcome = verify_invoice(billing.caller, january, uow=billing.unit(), sources=billing.sources)
    assert codes(outcome) == ["different_audit"]


def test_log_that_differs_is_found(billing: Billing) -> None:
    """Verification reads the log: an event missing there or changed is a difference."""
    billing.record([CPU_12H, *CALLS_11])
    _, january = billing.run().issued
    kept = list(billing.log.events)
    for events in (
        kept[1:],
        [msgspec.structs.replace(kept[0], data='{"seconds":43201}'), *kept[1:]],
    ):
        billing.log.events = events
        outcome = verify_invoice(
            billing.caller, january, uow=billing.unit(), sources=billing.sources
        )
        assert codes(outcome)[0] == "different_quantity"


@pytest.mark.parametrize("ask", [show_invoice, verify_invoice, export_proof])
def test_account_key_sees_its_own(billing: Billing, ask: Callable[..., Outcome[object]]) -> None:
    """A key of one account reads its documents and no other's; a sibling's seem not to exist."""
    billing.record([CPU_12H])
    invoice = billing.run().issued[0]
    more = {} if ask is show_invoice else {"sources": billing.sources}
    for account, expected in (("acme", []), ("bolt", ["unknown_invoice"])):
        caller: Caller = replace(
            billing.caller, scopes=frozenset({"read"}), account=AccountKey(account)
        )
        assert codes(ask(caller, invoice, uow=billing.unit(), **more)) == expected
        listed = list_invoices(caller, uow=billing.unit())
        assert isinstance(listed, Done)
        assert bool(listed.value) == (account == "acme")
    bolt = replace(billing.caller, scopes=frozenset({"read"}), account=AccountKey("bolt"))
    command = PreviewInvoice(account=AccountKey("acme"))
    refused = preview_invoice(command, caller=bolt, uow=billing.unit(), sources=billing.sources)
    assert codes(refused) == ["unknown_account"]

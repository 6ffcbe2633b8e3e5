"""Billing runs: what is due, once, in order, with numbers, journal and corrections."""

from collections.abc import Iterator
from dataclasses import dataclass, replace
from decimal import Decimal
from functools import partial

import psycopg
import pytest
from msgspec import structs

from tallystick.app.invoicing import (
    BillingProgress,
    BillingReport,
    IssueInvoice,
    RunBilling,
    issue_invoice,
    list_invoices,
    list_parked,
    run_billing,
    verify_invoice,
)
from tallystick.app.invoicing.running import ALONE_MAX, TOGETHER
from tallystick.app.ledger import read_balances
from tallystick.app.reconcile import SCHEDULED, ReconciliationRun
from tallystick.invoicing import DocumentType, Purpose
from tallystick.kernel import Done, Outcome, Refused, WorkspaceId, instant
from tallystick.ledger import PostedEntry
from tallystick.storage.postgres import PostgresUnitOfWork
from tests.app.invoicing.billing import FEBRUARY_2, MARCH_2, Billing, new_billing
from tests.clickhouse import UsageStore
from tests.databases import Cluster, Database, lend_database
from tests.invoicing.world import CONTRACT, CPU, amounts, call, cpu

CPU_12H = cpu(1, "2026-01-10T00:00:00Z", "43200")
CALLS_11 = [call(position, "2026-01-20T00:00:00Z") for position in range(2, 13)]


LEFT = ReconciliationRun(
    id=0,
    asked_by=SCHEDULED,
    repair=False,
    since=None,
    until=None,
    started_at=FEBRUARY_2,
    finished_at=FEBRUARY_2,
    position=0,
    found=1,
    left=1,
    answering=1,
    reloaded=0,
    invoices=0,
    differences=(),
)


def balance(billing: Billing, account: str) -> Decimal:
    """Return what stands on a chart account in all."""
    outcome = read_balances(billing.caller, uow=billing.unit(), as_of=billing.clock.now())
    assert isinstance(outcome, Done)
    money = outcome.value.get((account, "USD"))
    return Decimal(0) if money is None else money.decimal


def test_run_issues_what_is_due(billing: Billing) -> None:
    """A run on February 2 issues the opening document and January's, numbered in their order."""
    billing.record([CPU_12H, *CALLS_11])
    found = billing.documents(billing.run())
    assert [(one.invoice.number, one.invoice.purpose) for one in found] == [
        ("INV-2026-000001", Purpose.OPENING),
        ("INV-2026-000002", Purpose.PERIOD),
    ]
    january = found[1].invoice
    assert amounts(january) == {"base": "10.00", "cpu": "0.54", "calls (region eu)": "1.00"}
    assert (str(january.issued_on), str(january.due_on)) == ("2026-02-02", "2026-02-16")


def test_run_posts_to_the_journal(billing: Billing) -> None:
    """Usage is revenue, a fee for a period not over is deferred, the payer owes both."""
    billing.record([CPU_12H, *CALLS_11])
    billing.run()
    assert balance(billing, "receivable:acme") == Decimal("21.54")
    assert balance(billing, "revenue:cpu") == Decimal("-0.54")
    assert balance(billing, "revenue:base") == Decimal("-10.00")
    assert balance(billing, "deferred_revenue:base") == Decimal("-10.00")


def test_run_again_issues_nothing(billing: Billing) -> None:
    """The same run twice has one effect."""
    billing.record([CPU_12H])
    assert len(billing.run().issued) == 2
    assert billing.run().issued == ()
    listed = list_invoices(billing.caller, uow=billing.unit())
    assert isinstance(listed, Done)
    assert len(listed.value) == 2


def test_stopped_run_is_resumed(database: Database, usage_store: UsageStore) -> None:
    """A run stopped after the first of three accounts goes on with the others, each once."""
    billing = new_billing(database, usage_store, accounts=3)

    def stop(progress: BillingProgress) -> None:
        assert (progress.accounts_done, progress.accounts) == (1, 3)
        raise InterruptedError

    with pytest.raises(InterruptedError):
        run_billing(
            RunBilling(),
            caller=billing.caller,
            units=billing.unit,
            sources=billing.sources,
            progress=stop,
        )
    rest = billing.run()
    assert len(rest.issued) == 4
    listed = list_invoices(billing.caller, uow=billing.unit())
    assert isinstance(listed, Done)
    assert sorted(str(one.number) for one in listed.value) == [
        f"INV-2026-{number:06d}" for number in range(1, 7)
    ]


def test_a_payer_that_breaks_keeps_no_other_from_being_billed(
    database: Database, usage_store: UsageStore
) -> None:
    """Whatever one payer's billing breaks with, it is parked by it, and told across workspaces."""
    billing = new_billing(database, usage_store, accounts=3)
    billing.run()
    with database.connection("postgres") as intruder:
        intruder.execute("SET session_replication_role = replica")
        intruder.execute(
            "UPDATE invoice_line SET conversion = '{}' WHERE subscription LIKE '%-2-%'"
        )
    billing.clock.forward(days=28)
    report = billing.run(through=MARCH_2)
    (parked,) = report.parked
    assert (parked[0], parked[1].code) == ("acme-2", "broken_account")
    assert "ValidationError" in parked[1].message
    assert len(report.issued) == 2
    with database.runner() as uow:
        assert uow.parked_figures.count() == 1


class HastyUnit(PostgresUnitOfWork):
    """A unit of work that waits a moment for others, not half a minute."""

    def begin(self, *, workspace: WorkspaceId | None = None) -> psycopg.Connection:
        """Begin, and wait for locks a moment only."""
        connection = super().begin(workspace=workspace)
        connection.execute("SET LOCAL lock_timeout = '50ms'")
        return connection


def test_a_contract_that_is_worked_on_keeps_only_its_payer_waiting(
    database: Database, usage_store: UsageStore
) -> None:
    """Who waits too long for a contract's lock is billed by the next run, the others by this."""
    billing = new_billing(database, usage_store, accounts=2)
    with billing.unit() as uow:
        uow.invoices.lock(CONTRACT.key)
        outcome = run_billing(
            RunBilling(),
            caller=billing.caller,
            units=partial(HastyUnit, database.pool),
            sources=billing.sources,
        )
    assert isinstance(outcome, Done), outcome
    assert [(payer, problem.code) for payer, problem in outcome.value.parked] == [
        ("acme", "broken_account")
    ]
    assert len(outcome.value.issued) == 2
    assert len(billing.run().issued) == 2


@dataclass(kw_only=True)
class Repairing:
    """An agreement under which a repair may begin."""

    begun: int = 0

    def problem(self, position: int) -> None:
        """Find nothing wrong."""

    def repairs(self) -> int:
        """Return how many began."""
        return self.begun

    def begin(self, _: BillingProgress) -> None:
        """Take rows out."""
        self.begun += 1


def test_a_repair_stops_the_run(database: Database, usage_store: UsageStore) -> None:
    """What was read while rows were loaded again is not billed, nor is its account parked."""
    billing = new_billing(database, usage_store, accounts=3)
    repairing = Repairing()
    sources = replace(billing.sources, agreement=repairing)

    def run() -> Outcome[BillingReport]:
        return run_billing(
            RunBilling(),
            caller=billing.caller,
            units=billing.unit,
            sources=sources,
            progress=repairing.begin,
        )

    refused = run()
    assert isinstance(refused, Refused)
    assert [one.code for one in refused.problems] == ["projection_under_repair"]
    again = billing.run()
    assert (len(again.issued), again.parked) == (4, ())


def test_a_difference_that_stands_is_not_billed(billing: Billing) -> None:
    """What the last comparison with the log left is a fact, and holds the workspace's bills."""
    with billing.unit() as uow:
        uow.reconciliations.append(LEFT)
        uow.commit()
    refused = billing.try_run()
    assert isinstance(refused, Refused)
    assert [one.code for one in refused.problems] == ["projection_differs"]
    with billing.unit() as uow:
        uow.reconciliations.append(structs.replace(LEFT, found=0, left=0, answering=0))
        uow.commit()
    assert isinstance(billing.try_run(), Done)


def test_late_event_is_charged_on_the_next_document(billing: Billing) -> None:
    """Original and adjustment come to what one document with all events would have said."""
    billing.record([CPU_12H])
    billing.run()
    billing.record([cpu(2, "2026-01-31T00:00:00Z", "3600")])
    billing.clock.forward(days=28)
    (february,) = billing.documents(billing.run())
    assert amounts(february.invoice)["cpu, corrected"] == "0.04"
    assert balance(billing, "revenue:cpu") == Decimal("-0.58")


def test_late_event_that_takes_away_is_credited(billing: Billing) -> None:
    """A credit note has a series of its own and names the document it corrects."""
    billing.record([CPU_12H])
    billing.run()
    billing.record([cpu(2, "2026-01-31T00:00:00Z", "-7200")])
    billing.clock.forward(days=28)
    _, note = billing.documents(billing.run())
    assert note.invoice.document_type is DocumentType.CREDIT_NOTE
    assert note.invoice.number == "INV-CN-2026-000001"
    assert note.invoice.reference is not None
    assert note.invoice.reference.number == "INV-2026-000002"
    assert str(note.invoice.total) == "-0.09 USD"
    assert balance(billing, "revenue:cpu") == Decimal("-0.45")
    billing.clock.forward(days=31)
    (march,) = billing.documents(billing.run())
    assert "cpu, corrected" not in amounts(march.invoice)


def test_defect_parks_the_account(billing: Billing) -> None:
    """A changed meter is no fact: the account is parked, nothing is billed, others go on."""
    billing.record([CPU_12H])
    billing.run()
    with billing.unit() as uow:
        definitions = uow.catalog.load_definitions()
        meters = {CPU.key: replace(CPU, event_type="call", value="region")}
        uow.catalog.save_definitions(replace(definitions, meters=meters, plan_versions={}))
        uow.commit()
    billing.clock.forward(days=28)
    report = billing.run()
    assert report.issued == ()
    assert [(account, problem.code) for account, problem in report.parked] == [
        ("acme", "unexplained_difference")
    ]
    parked = list_parked(billing.caller, uow=billing.unit())
    assert isinstance(parked, Done)
    assert parked.value[0].account == "acme"
    with billing.unit() as uow:
        uow.catalog.save_definitions(replace(definitions, plan_versions={}, price_books={}))
        uow.commit()
    assert len(billing.run().issued) == 1
    assert list_parked(billing.caller, uow=billing.unit()) == Done([])


def test_run_waits_for_nothing_it_does_not_have(billing: Billing) -> None:
    """The future is refused, and so is a caller who may not bill."""
    future = billing.try_run(through=MARCH_2)
    assert isinstance(future, Refused)
    assert future.problems[0].code == "period_not_over"
    beyond = billing.try_run(position=10**9)
    assert isinstance(beyond, Refused)
    assert beyond.problems[0].code == "position_unknown"
    reader = replace(billing.caller, scopes=frozenset({"read"}))
    command = RunBilling(through=FEBRUARY_2)
    refused = run_billing(command, caller=reader, units=billing.unit, sources=billing.sources)
    assert isinstance(refused, Refused)
    assert refused.problems[0].code == "forbidden"


def test_each_document_verifies_from_the_log(billing: Billing) -> None:
    """Every document of two runs, corrections included, is made again from the log."""
    billing.record([CPU_12H, *CALLS_11])
    found = billing.documents(billing.run())
    billing.record([cpu(2, "2026-01-31T00:00:00Z", "-7200"), call(3, "2026-01-31T00:00:00Z", "us")])
    billing.clock.forward(days=28)
    found += billing.documents(billing.run())
    assert len(found) == 4
    for one in found:
        outcome = verify_invoice(
            billing.caller, one.invoice.id, uow=billing.unit(), sources=billing.sources
        )
        assert isinstance(outcome, Done), outcome
        assert outcome.value.digest == one.digest


def test_issue_answers_as_before(billing: Billing) -> None:
    """An issued document is not issued again."""
    billing.record([CPU_12H])
    (first, *_) = billing.run().issued
    outcome = issue_invoice(
        IssueInvoice(invoice=first),
        caller=billing.caller,
        uow=billing.unit(),
        clock=billing.clock,
        writer=billing.sources.writer,
    )
    assert isinstance(outcome, Refused)
    assert outcome.problems[0].code == "already_issued"


def test_owner_found_late(billing: Billing) -> None:
    """Usage of a resource that finds its owner later is charged as a correction."""
    billing.record([cpu(1, "2026-01-10T00:00:00Z", "43200", subject="vm-9")])
    billing.run()
    with billing.unit() as uow:
        resources = uow.accounts.load_resources()
        uow.accounts.save_resources([replace(resources["vm-1"], key="vm-9")])  # type: ignore[index, arg-type]  # keys are text
        uow.commit()
    billing.clock.forward(days=28)
    (february,) = billing.documents(billing.run())
    assert amounts(february.invoice)["cpu, corrected"] == "0.54"
    assert february.invoice.period.start == instant("2026-02-01T00:00:00Z")


def test_many_payers_are_billed_together(database: Database, usage_store: UsageStore) -> None:
    """Each is billed once, for its own usage; numbers follow their keys and have no gap."""
    billing = new_billing(database, usage_store, accounts=ALONE_MAX + 5)
    billing.record([CPU_12H, *CALLS_11])
    report = billing.run()
    found = [document.invoice for document in billing.documents(report)]
    assert [one.account for one in found] == sorted(one.account for one in found)
    assert [one.number for one in found] == [
        f"INV-2026-{n:06d}" for n in range(1, 2 * (ALONE_MAX + 5) + 1)
    ]
    (january,) = (one for one in found if one.account == "acme" and one.purpose is Purpose.PERIOD)
    assert amounts(january) == {"base": "10.00", "cpu": "0.54", "calls (region eu)": "1.00"}
    for invoice in report.issued:
        verified = verify_invoice(
            billing.caller, invoice, uow=billing.unit(), sources=billing.sources
        )
        assert isinstance(verified, Done), verified


def test_stopped_run_begins_no_other_payer(database: Database, usage_store: UsageStore) -> None:
    """A run of many that is stopped ends with what is under way; the next one does the rest."""
    accounts = TOGETHER * 3 + 1
    billing = new_billing(database, usage_store, accounts=accounts)

    def stop(_: BillingProgress) -> None:
        raise InterruptedError

    with pytest.raises(InterruptedError):
        run_billing(
            RunBilling(),
            caller=billing.caller,
            units=billing.unit,
            sources=billing.sources,
            progress=stop,
        )
    rest = billing.run()
    assert 2 * TOGETHER < len(rest.issued) < 2 * accounts
    with billing.unit() as uow:
        listed = uow.invoices.page(after="", limit=5 * accounts)
    assert sorted(str(one.number) for one in listed) == [
        f"INV-2026-{n:06d}" for n in range(1, 2 * accounts + 1)
    ]


@pytest.fixture
def twin(cluster: Cluster, template: str, database: Database) -> Iterator[Database]:
    """Another database, which goes by the same name."""
    with lend_database(cluster, template) as other:
        yield replace(other, name=database.name)


def bill_each(billing: Billing) -> None:
    """Run for one account after the other."""
    with billing.unit() as uow:
        accounts = sorted(uow.accounts.load_accounts())
    for account in accounts:
        outcome = run_billing(
            RunBilling(account=account),
            caller=billing.caller,
            units=billing.unit,
            sources=billing.sources,
        )
        assert isinstance(outcome, Done), outcome
        assert outcome.value.parked == ()


def all_documents(billing: Billing) -> list[bytes]:
    """Return every document of a workspace as its canonical JSON."""
    with billing.unit() as uow:
        ids = [one.id for one in uow.invoices.page(after="", limit=1_000)]
    return [billing.document(invoice).content for invoice in ids]


def all_entries(billing: Billing) -> list[PostedEntry]:
    """Return the journal of a workspace."""
    with billing.unit() as uow:
        return uow.journal.page(after=None, limit=1_000)


def test_together_is_as_alone(database: Database, twin: Database, usage_store: UsageStore) -> None:
    """Many payers billed together get the bytes, numbers and entries of each billed alone."""
    accounts = ALONE_MAX + 5
    together, alone = (
        new_billing(where, usage_store, accounts=accounts) for where in (database, twin)
    )
    alone = replace(alone, log=together.log)
    assert together.workspace == alone.workspace
    together.record([CPU_12H, *CALLS_11])
    together.run()
    bill_each(alone)
    for billing in (together, alone):
        billing.clock.forward(days=28)
    late = "2026-01-31T00:00:00Z"
    together.record([cpu(1, late, "-7200"), cpu(2, late, "3600", subject="vm-2"), call(3, late)])
    together.run()
    bill_each(alone)
    documents = all_documents(together)
    assert len(documents) == 3 * accounts + 1
    assert documents == all_documents(alone)
    assert all_entries(together) == all_entries(alone)

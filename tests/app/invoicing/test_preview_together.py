"""The preview of a payer whose documents come together is what the run then issues."""

from collections.abc import Iterable
from dataclasses import replace
from datetime import datetime
from decimal import Decimal

import pytest

from tallystick.accounts import Account, LeastInvoice
from tallystick.app import Caller
from tallystick.app.invoicing import Preview, PreviewInvoice, preview_invoice
from tallystick.invoicing import Invoice, Line
from tallystick.kernel import AccountKey, Done, Refused, instant
from tests.app.invoicing.billing import FEBRUARY_2, MARCH_2, Billing, new_billing
from tests.app.invoicing.test_consolidated_billing import CORP, JANUARY, SINCE_JANUARY, settle_on
from tests.app.invoicing.test_taxed_billing import HOME, declare
from tests.clickhouse import UsageStore
from tests.databases import Database
from tests.invoicing.world import call, cpu

PAYER = Account(
    key=CORP,
    name="Corp",
    zone="UTC",
    currency="USD",
    invoiced=True,
    country="DE",
    consolidated=SINCE_JANUARY,
)
FEBRUARY = instant("2026-02-20T00:00:00Z")
LEAST = LeastInvoice(amount=Decimal(26), periods_max=3)


@pytest.fixture
def corp(database: Database, usage_store: UsageStore) -> Billing:
    """Lend a workspace with a payer of two accounts, whose contracts are billed together."""
    billing = new_billing(database, usage_store, accounts=2)
    declare(billing, HOME)
    settle_on(billing, PAYER)
    return billing


def previews(
    billing: Billing, account: AccountKey = CORP, *, at: datetime, caller: Caller | None = None
) -> tuple[Preview, ...]:
    """Return what an account's running periods come to; it must not be refused."""
    outcome = preview_invoice(
        PreviewInvoice(account=account, at=at),
        caller=caller or billing.caller,
        uow=billing.unit(),
        sources=billing.sources,
    )
    assert isinstance(outcome, Done), outcome
    return outcome.value


def issued(billing: Billing, through: datetime) -> list[Invoice]:
    """Run, and return what was issued."""
    ahead = through - billing.clock.now()
    billing.clock.forward(seconds=max(0, int(ahead.total_seconds())))
    return [one.invoice for one in billing.documents(billing.run(through=through))]


def said(invoice: Invoice) -> tuple[object, ...]:
    """Return all that a document says of contracts, lines, taxes and money."""
    sections = [(one.account, one.subscription, one.period, one.lines) for one in invoice.sections]
    return (
        invoice.account,
        invoice.purpose,
        invoice.period,
        sections,
        [_line(line) for line in invoice.lines],
        invoice.taxes,
        invoice.net,
        invoice.total,
    )


def _line(line: Line) -> tuple[object, ...]:
    return (line.key, line.quantity, line.charge, line.exact, line.money, line.taxes, line.share)


def records(billing: Billing, days: Iterable[int], month: str) -> None:
    """Use processor time and calls on both machines and accounts."""
    start = billing.store.projection.max_position() + 1
    events = []
    for at, day in enumerate(days):
        on = f"2026-{month}-{day:02}T00:00:00Z"
        events.append(cpu(start + 3 * at, on, "7203"))
        events.append(cpu(start + 3 * at + 1, on, "3601", subject="vm-2"))
        events.append(call(start + 3 * at + 2, on))
    billing.record(events)


def test_a_preview_is_what_the_run_issues(corp: Billing) -> None:
    """One document of both contracts, taxed as a whole: line for line, and in total."""
    corp.record(JANUARY)
    issued(corp, FEBRUARY_2)
    records(corp, range(3, 20), "02")
    (preview,) = previews(corp, at=FEBRUARY)
    assert not preview.waits
    (february,) = issued(corp, MARCH_2)
    assert said(preview.invoice) == said(february)
    assert len(february.sections) == 2
    assert february.taxes


def test_only_running_periods_are_shown(corp: Billing) -> None:
    """Openings that no run has issued yet are of their own instant, on a document of their own."""
    corp.record(JANUARY)
    corp.clock.forward(days=-20)
    (preview,) = previews(corp, at=instant("2026-01-13T00:00:00Z"))
    assert {one.purpose for one in preview.invoice.sections} == {"period"}
    corp.clock.forward(days=20)
    _, january = issued(corp, FEBRUARY_2)
    assert said(preview.invoice) == said(january)


def test_what_waited_is_carried(corp: Billing) -> None:
    """What was too little in February is a section beside March, as in the run."""
    corp.record(JANUARY)
    issued(corp, FEBRUARY_2)
    settle_on(corp, replace(PAYER, least_invoice=LEAST))
    (too_little,) = previews(corp, at=FEBRUARY)
    assert too_little.waits
    assert issued(corp, MARCH_2) == []
    records(corp, range(3, 12), "03")
    (carried,) = previews(corp, at=instant("2026-03-20T00:00:00Z"))
    assert not carried.waits
    assert len(carried.invoice.sections) == 4
    (march,) = issued(corp, instant("2026-04-02T00:00:00Z"))
    assert said(carried.invoice) == said(march)


def test_who_pays_not_is_shown_his_own_alone(corp: Billing) -> None:
    """An account below the payer learns its own contract, as it would come to alone."""
    corp.record(JANUARY)
    reads = replace(corp.caller, scopes=frozenset({"read"}), account=AccountKey("acme"))
    (own,) = previews(corp, AccountKey("acme"), at=FEBRUARY, caller=reads)
    assert (own.invoice.subscription, own.invoice.sections) == ("acme-compute", ())
    refused = preview_invoice(
        PreviewInvoice(account=CORP, at=FEBRUARY),
        caller=reads,
        uow=corp.unit(),
        sources=corp.sources,
    )
    assert isinstance(refused, Refused)
    assert refused.problems[0].code == "unknown_account"


def test_a_defect_of_one_contract_is_told(corp: Billing) -> None:
    """What would park the payer is the answer."""
    settle_on(corp, replace(PAYER, country=""))
    refused = preview_invoice(
        PreviewInvoice(account=CORP, at=FEBRUARY),
        caller=corp.caller,
        uow=corp.unit(),
        sources=corp.sources,
    )
    assert isinstance(refused, Refused)
    assert refused.problems[0].code == "no_country"

"""A contract in another currency through the stores: parked without a rate, billed with one."""

from dataclasses import replace
from datetime import date
from decimal import Decimal

import pytest

from tallystick.app.currency import ImportRates, import_rates
from tallystick.app.invoicing import (
    DraftDocuments,
    IssueInvoice,
    PreviewInvoice,
    draft_documents,
    export_proof,
    issue_invoice,
    preview_invoice,
    verify_invoice,
)
from tallystick.app.subscriptions import AgreeChange, agree_change
from tallystick.catalog import Subscription
from tallystick.currency import PublishedRate
from tallystick.invoicing import verify_bundle
from tallystick.kernel import AccountKey, Done, Refused, SubscriptionKey, instant, plain
from tests.app.invoicing.billing import FEBRUARY_2, MARCH_2, Billing
from tests.invoicing.world import CONTRACT, call, cpu

JANUARY = [
    cpu(1, "2026-01-10T00:00:00Z", "43200"),
    *[call(position, "2026-01-20T00:00:00Z") for position in range(2, 13)],
]
EURO = SubscriptionKey("acme-euro")


@pytest.fixture
def euro(billing: Billing) -> Billing:
    """Lend a workspace whose one running contract is billed in EUR, its prices being in USD."""
    contract = replace(CONTRACT, key=EURO, account=AccountKey("acme"), currency="EUR")
    with billing.unit() as uow:
        (old,) = uow.subscriptions.load_subscriptions().values()
        uow.subscriptions.save_subscriptions([replace(old, end=old.start), contract])
        uow.commit()
    billing.record(JANUARY)
    return billing


def publish(billing: Billing, on: str, rate: str) -> None:
    """Import the rate of a day."""
    published = PublishedRate(
        source="ecb", base="USD", quote="EUR", day=date.fromisoformat(on), rate=Decimal(rate)
    )
    command = ImportRates(rates=(published,))
    done = import_rates(command, caller=billing.caller, uow=billing.unit(), clock=billing.clock)
    assert isinstance(done, Done), done


def test_a_contract_keeps_its_currency(euro: Billing) -> None:
    """What was agreed comes back from the store."""
    with euro.unit() as uow:
        stored = uow.subscriptions.load_subscription(EURO)
    assert isinstance(stored, Subscription)
    assert stored.currency == "EUR"


def test_an_account_without_a_rate_is_parked_with_its_reason(euro: Billing) -> None:
    """Nothing is billed until the rate is there; then it is, and the account is free."""
    report = euro.run(through=FEBRUARY_2)
    assert [problem.code for _, problem in report.parked] == ["no_exchange_rate"]
    publish(euro, "2026-01-30", "0.9")
    publish(euro, "2026-02-02", "0.8")
    report = euro.run(through=FEBRUARY_2)
    assert report.parked == ()
    opening, january = (one.invoice for one in euro.documents(report))
    # Fees in advance at the rate of February 2, usage of January at that of January 30.
    assert [str(line.money) for line in opening.lines] == ["8.00 EUR"]
    rates = {line.key.price: line.conversion for line in january.lines}
    assert {str(price): str(one.rate.value) for price, one in rates.items() if one} == {
        "base": "0.8", "cpu": "0.9", "calls": "0.9",
    }  # fmt: skip


def test_a_converted_document_is_proven_and_corrected_at_its_rate(euro: Billing) -> None:
    """Late usage takes the rate that was kept with the billed line; all of it verifies."""
    publish(euro, "2026-01-30", "0.9")
    first = euro.documents(euro.run(through=FEBRUARY_2))
    publish(euro, "2026-02-27", "0.5")
    euro.record([cpu(13, "2026-01-31T00:00:00Z", "36000")])
    euro.clock.forward(days=28)
    second = euro.documents(euro.run(through=MARCH_2))
    (late,) = [
        line
        for one in second
        for line in one.invoice.lines
        if line.key.price == "cpu" and line.settled_before.minor
    ]
    assert late.conversion is not None
    assert str(late.conversion.rate.value) == "0.9"
    for document in [*first, *second]:
        id_ = document.invoice.id
        found = verify_invoice(euro.caller, id_, uow=euro.unit(), sources=euro.sources)
        assert isinstance(found, Done), found
        proof = export_proof(euro.caller, id_, uow=euro.unit(), sources=euro.sources)
        assert isinstance(proof, Done)
        assert isinstance(verify_bundle(proof.value), Done)
    assert euro.run(through=MARCH_2).issued == ()
    with euro.unit() as uow:
        balances = uow.journal.balances(as_of=MARCH_2)
    assert {money.currency.code for money in balances.values()} == {"EUR"}


def test_a_preview_takes_the_latest_rate_and_says_so(euro: Billing) -> None:
    """The tax point of a running period lies ahead; what is known today stands in for it."""
    publish(euro, "2026-01-30", "0.9")
    publish(euro, "2026-02-01", "0.7")
    command = PreviewInvoice(account=CONTRACT.account, at=instant("2026-02-02T00:00:00Z"))
    shown = preview_invoice(command, caller=euro.caller, uow=euro.unit(), sources=euro.sources)
    assert isinstance(shown, Done), shown
    conversions = [line.conversion for line in shown.value[0].invoice.lines]
    assert [one and (plain(one.rate.value), one.latest_known) for one in conversions] == [
        ("0.7", True)
    ] * len(conversions)


def test_a_draft_at_the_rate_of_another_day_is_stale(euro: Billing) -> None:
    """A fee in advance is converted by the rate of its day of issue, so the draft is made again."""
    publish(euro, "2026-01-30", "0.9")
    order = DraftDocuments(subscription=EURO)
    made = draft_documents(order, caller=euro.caller, uow=euro.unit(), sources=euro.sources)
    assert isinstance(made, Done), made
    euro.clock.forward(days=1)
    command = IssueInvoice(invoice=made.value[0])
    issued = issue_invoice(
        command, caller=euro.caller, uow=euro.unit(), clock=euro.clock, writer=euro.sources.writer
    )
    assert isinstance(issued, Refused)
    assert issued.problems[0].code == "stale_draft"


def test_a_change_is_told_in_the_contracts_currency(euro: Billing) -> None:
    """What a pause does to the fees is told at today's rate; without one it is refused."""
    order = AgreeChange(subscription=EURO, change={"paused": True}, dry_run=True)
    told = agree_change(order, caller=euro.caller, uow=euro.unit(), sources=euro.sources)
    assert isinstance(told, Refused)
    assert told.problems[0].code == "no_exchange_rate"
    publish(euro, "2026-01-30", "0.9")
    told = agree_change(order, caller=euro.caller, uow=euro.unit(), sources=euro.sources)
    assert isinstance(told, Done), told
    assert {one.currency for one in told.value.fees} == {"EUR"}
    assert ("9.00", "0.32") in {(one.before, one.after) for one in told.value.fees}
    warning = told.value.warnings[-1]
    assert "the latest rate known, 0.9 EUR for one USD" in warning
    assert "of 2026-01-30" in warning

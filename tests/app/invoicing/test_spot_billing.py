"""Published prices through the stores: billed by what was published, corrected where told anew."""

from collections.abc import Sequence
from dataclasses import replace
from datetime import date
from decimal import Decimal

import pytest

from tallystick.accounts import Account, Resource
from tallystick.app import Caller
from tallystick.app.catalog import (
    ApplyCatalog,
    PublishPrices,
    apply_catalog,
    export_catalog,
    list_prices,
    publish_prices,
)
from tallystick.app.invoicing import PreviewInvoice, preview_invoice
from tallystick.catalog import Catalog, Documents, PriceFact, PriceSeries, Subscription
from tallystick.invoicing import Invoice
from tallystick.kernel import (
    AccountKey,
    Done,
    PlanKey,
    PriceKey,
    Refused,
    ResourceKey,
    SubscriptionKey,
    WorkspaceId,
    instant,
)
from tallystick.pricing import DynamicPrice, Price
from tests.app.invoicing.billing import FEBRUARY_2, MARCH_2, Billing, new_billing
from tests.app.invoicing.test_consolidated_billing import issued, verified
from tests.clickhouse import UsageStore
from tests.databases import Database
from tests.invoicing.world import CPU, ENTITY, PLAN, cpu

HOUR = 3600
SPOT = replace(
    PLAN,
    plan=PlanKey("spot"),
    prices=(
        Price(
            key=PriceKey("hours"),
            model=DynamicPrice(price_series="spot-eu", factor=Decimal(2)),
            meter=CPU.key,
            unit="hour",
            currency="USD",
        ),
    ),
)
SERIES = PriceSeries(key="spot-eu", currency="USD", unit="hour")


@pytest.fixture
def spot(database: Database, usage_store: UsageStore) -> Billing:
    """Lend a workspace with a contract that follows a series without prices."""
    billing = new_billing(database, usage_store, accounts=0)
    with billing.unit() as uow:
        uow.catalog.save_definitions(
            Catalog(
                price_series={SERIES.key: SERIES},
                plan_versions={(SPOT.plan, SPOT.version): SPOT},
            )
        )
        alpha = AccountKey("alpha")
        uow.accounts.save_accounts(
            [Account(key=alpha, name="Alpha", zone="UTC", currency="USD", invoiced=True)]
        )
        uow.accounts.save_resources([Resource(key=ResourceKey("vm-1"), account=alpha)])
        uow.subscriptions.save_subscriptions(
            [
                Subscription(
                    key=SubscriptionKey("alpha-spot"),
                    account=alpha,
                    plan=SPOT.plan,
                    version=SPOT.version,
                    legal_entity=ENTITY.key,
                    start=instant("2026-01-01T00:00:00Z"),
                    anchor=date(2026, 1, 1),
                )
            ]
        )
        uow.commit()
    return billing


def fact(at: str, price: str, corrects: str = "") -> PriceFact:
    """Return a price from an instant on."""
    return PriceFact(at=instant(at), unit_price=Decimal(price), corrects=corrects)


def publish(billing: Billing, *facts: PriceFact) -> tuple[int, int]:
    """Publish prices, and return how many were new and how many stood."""
    outcome = publish_prices(
        PublishPrices(series=SERIES.key, prices=facts),
        caller=billing.caller,
        uow=billing.unit(),
        clock=billing.clock,
    )
    assert isinstance(outcome, Done), outcome
    return outcome.value.added, outcome.value.unchanged


def money(documents: Sequence[Invoice]) -> list[str]:
    """Return what each line comes to."""
    return [f"{line.money.decimal:f}" for one in documents for line in one.lines]


NEW_YEAR = fact("2026-01-01T00:00:00Z", "0.10")
TENTH = fact("2026-01-10T00:00:00Z", "0.30")
FEBRUARY = fact("2026-02-01T00:00:00Z", "0.20")
MARCH = fact("2026-03-01T00:00:00Z", "0.20")
USED = [
    cpu(1, "2026-01-05T00:00:00Z", str(10 * HOUR)),
    cpu(2, "2026-01-15T00:00:00Z", str(10 * HOUR)),
]


def test_usage_is_billed_by_the_prices_in_force_when_it_was_used(spot: Billing) -> None:
    """10 hours at 0.10 and 10 at 0.30, twice that; the document verifies from its proof alone."""
    publish(spot, NEW_YEAR, TENTH, FEBRUARY)
    spot.record(USED)
    (january,) = issued(spot, FEBRUARY_2)
    assert money([january]) == ["8.00"]


def test_a_month_waits_until_its_prices_are_published(spot: Billing) -> None:
    """Up to the last price a series is complete; what lies behind it is not billed by guessing."""
    publish(spot, NEW_YEAR, TENTH)
    spot.record(USED)
    report = spot.run(through=FEBRUARY_2)
    assert report.issued == ()
    assert [problem.code for _, problem in report.parked] == ["price_series_incomplete"]
    publish(spot, FEBRUARY)
    assert money(issued(spot, FEBRUARY_2)) == ["8.00"]


def test_a_preview_goes_by_the_prices_that_are_known(spot: Billing) -> None:
    """The last one holds until further notice."""
    publish(spot, NEW_YEAR)
    spot.record(USED)
    outcome = preview_invoice(
        PreviewInvoice(account=AccountKey("alpha"), at=instant("2026-01-20T00:00:00Z")),
        caller=spot.caller,
        uow=spot.unit(),
        sources=spot.sources,
    )
    assert isinstance(outcome, Done), outcome
    assert money([one.invoice for one in outcome.value]) == ["4.00"]


def test_later_prices_change_nothing_that_was_billed(spot: Billing) -> None:
    """An issued document keeps the prices that it used, and closed periods find no difference."""
    publish(spot, NEW_YEAR, TENTH, FEBRUARY)
    spot.record(USED)
    january = issued(spot, FEBRUARY_2)
    publish(spot, fact("2026-02-10T00:00:00Z", "9"), MARCH)
    assert money(issued(spot, MARCH_2)) == ["0.00"]
    assert all(verified(spot, [spot.document(one.id) for one in january]))


def test_a_correction_is_billed_by_difference(spot: Billing) -> None:
    """0.25 instead of 0.30 from the tenth on: 7.00 instead of 8.00, and the reason is the price."""
    publish(spot, NEW_YEAR, TENTH, FEBRUARY)
    spot.record(USED)
    january = issued(spot, FEBRUARY_2)
    publish(spot, fact("2026-01-10T00:00:00Z", "0.25", "wrong file"), MARCH)
    assert sorted(money(issued(spot, MARCH_2))) == ["-1.00", "0.00"]
    assert all(verified(spot, [spot.document(one.id) for one in january]))


def test_prices_are_told_once(spot: Billing) -> None:
    """The same file twice adds nothing; another price for an instant is refused as a whole."""
    assert publish(spot, NEW_YEAR, TENTH) == (2, 0)
    assert publish(spot, NEW_YEAR, TENTH, FEBRUARY) == (1, 2)
    command = PublishPrices(series=SERIES.key, prices=(MARCH, fact("2026-01-10T00:00:00Z", "0.31")))
    outcome = publish_prices(command, caller=spot.caller, uow=spot.unit(), clock=spot.clock)
    assert isinstance(outcome, Refused)
    assert (outcome.problems[0].code, outcome.problems[0].field) == ("published", "prices[1].at")
    since = instant("2026-01-10T00:00:00Z")
    found = list_prices(spot.caller, SERIES.key, since=since, uow=spot.unit())
    assert isinstance(found, Done)
    assert found.value == (TENTH, FEBRUARY)


def test_prices_belong_to_one_workspace(spot: Billing) -> None:
    """Another workspace does not know the series."""
    publish(spot, NEW_YEAR)
    other = Caller(workspace=WorkspaceId("other"), actor="x", scopes=frozenset({"admin"}))
    command = PublishPrices(series=SERIES.key, prices=(TENTH,))
    unit = spot.unit(WorkspaceId("other"))
    outcome = publish_prices(command, caller=other, uow=unit, clock=spot.clock)
    assert isinstance(outcome, Refused)
    assert outcome.problems[0].code == "unknown_price_series"
    with spot.unit(WorkspaceId("other")) as uow:
        assert uow.price_series.load([SERIES.key]) == {}


def test_a_catalog_holds_them_too(spot: Billing) -> None:
    """Prices may be published by applying a catalog; the export holds all, and applies as it is."""
    documents = Documents(
        lists={
            "price_series": [
                {
                    "key": SERIES.key,
                    "currency": "USD",
                    "unit": "hour",
                    "prices": [
                        {"at": "2026-01-01T00:00:00Z", "unit_price": "0.1"},
                        {"at": "2026-01-10T00:00:00Z", "unit_price": "0.3"},
                    ],
                }
            ]
        }
    )
    done = apply_catalog(
        ApplyCatalog(documents=documents), caller=spot.caller, uow=spot.unit(), clock=spot.clock
    )
    assert isinstance(done, Done), done
    assert done.value.changed == 1
    publish(spot, fact("2026-01-10T00:00:00Z", "0.25", "wrong file"))
    exported = export_catalog(spot.caller, uow=spot.unit())
    assert isinstance(exported, Done)
    again = apply_catalog(
        ApplyCatalog(documents=exported.value),
        caller=spot.caller,
        uow=spot.unit(),
        clock=spot.clock,
    )
    assert isinstance(again, Done), again
    assert (again.value.created, again.value.changed) == (0, 0)
    with spot.unit() as uow:
        assert len(uow.price_series.load([SERIES.key])[SERIES.key]) == 3

"""Tiers over the payer's tree, through the stores: shares, corrections, proofs, one tax."""

from dataclasses import replace
from datetime import date
from decimal import Decimal

import pytest

from tallystick.accounts import Account, Resource
from tallystick.catalog import Catalog, Subscription
from tallystick.invoicing import Invoice
from tallystick.kernel import (
    AccountKey,
    PlanKey,
    PriceKey,
    ResourceKey,
    SubscriptionKey,
    instant,
)
from tallystick.pricing import GraduatedPrice, Price, Tier
from tests.app.invoicing.billing import FEBRUARY_2, MARCH_2, Billing, new_billing
from tests.app.invoicing.test_consolidated_billing import SINCE_JANUARY, issued
from tests.app.invoicing.test_taxed_billing import HOME, declare
from tests.clickhouse import UsageStore
from tests.corrections import void
from tests.databases import Database
from tests.invoicing.world import CPU, ENTITY, PLAN, cpu

CORP = AccountKey("corp")
HOUR = 3600
SHARED = replace(
    PLAN,
    plan=PlanKey("shared"),
    prices=(
        Price(
            key=PriceKey("hours"),
            model=GraduatedPrice(
                tiers=(
                    Tier(up_to=Decimal(10), unit_price=Decimal(1)),
                    Tier(up_to=None, unit_price=Decimal("0.10")),
                )
            ),
            meter=CPU.key,
            unit="hour",
            currency="USD",
            tiers_over="tree",
        ),
    ),
)


def corp(database: Database, store: UsageStore, payer: Account) -> Billing:
    """Return a workspace with a payer of three accounts that share tiers, one machine each."""
    billing = new_billing(database, store, accounts=0)
    declare(billing, HOME)
    names = ("alpha", "beta", "gamma")
    with billing.unit() as uow:
        uow.catalog.save_definitions(Catalog(plan_versions={(SHARED.plan, SHARED.version): SHARED}))
        below = [
            replace(payer, key=AccountKey(name), parent=CORP, invoiced=False, consolidated=())
            for name in names
        ]
        uow.accounts.save_accounts([payer, *below])
        uow.accounts.save_resources(
            [Resource(key=ResourceKey(f"vm-{name}"), account=AccountKey(name)) for name in names]
        )
        uow.subscriptions.save_subscriptions([contract(name) for name in names])
        uow.commit()
    return billing


def contract(name: str) -> Subscription:
    """Return an account's contract, from January on."""
    return Subscription(
        key=SubscriptionKey(f"{name}-hours"),
        account=AccountKey(name),
        plan=SHARED.plan,
        version=SHARED.version,
        legal_entity=ENTITY.key,
        start=instant("2026-01-01T00:00:00Z"),
        anchor=date(2026, 1, 1),
    )


def payer(*, consolidated: bool = False) -> Account:
    """Return the account that pays for all."""
    return Account(
        key=CORP,
        name="Corp",
        zone="UTC",
        currency="USD",
        invoiced=True,
        country="DE",
        consolidated=SINCE_JANUARY if consolidated else (),
    )


JANUARY = [
    cpu(1, "2026-01-10T00:00:00Z", str(5 * HOUR), subject="vm-alpha"),
    cpu(2, "2026-01-10T00:00:00Z", str(4 * HOUR), subject="vm-beta"),
    cpu(3, "2026-01-10T00:00:00Z", str(4 * HOUR), subject="vm-gamma"),
]


def lines(documents: list[Invoice]) -> list[str]:
    """Return each line: whose, and what it comes to."""
    return sorted(
        f"{line.key.subscription} {line.money.decimal:f}"
        for document in documents
        for line in document.lines
    )


@pytest.mark.parametrize("consolidated", [False, True])
def test_what_accounts_bear_adds_up_and_is_proven(
    database: Database, usage_store: UsageStore, *, consolidated: bool
) -> None:
    """13 hours together are 10.30; each document verifies from the log and from its proof."""
    billing = corp(database, usage_store, payer(consolidated=consolidated))
    billing.record(JANUARY)
    documents = issued(billing, FEBRUARY_2)
    assert len(documents) == (1 if consolidated else 3)
    assert lines(documents) == ["alpha-hours 3.96", "beta-hours 3.17", "gamma-hours 3.17"]
    if consolidated:
        # 19 % of 10.30: the tax of the whole, not of its parts.
        assert documents[0].tax.decimal == Decimal("1.96")


@pytest.mark.parametrize("consolidated", [False, True])
def test_late_usage_of_one_account_is_a_difference_of_all(
    database: Database, usage_store: UsageStore, *, consolidated: bool
) -> None:
    """Seven hours more of gamma make 11.00 of 10.30; the others bear less, gamma more."""
    billing = corp(database, usage_store, payer(consolidated=consolidated))
    billing.record(JANUARY)
    issued(billing, FEBRUARY_2)
    billing.record([cpu(4, "2026-01-11T00:00:00Z", str(7 * HOUR), subject="vm-gamma")])
    corrected = [line for line in lines(issued(billing, MARCH_2)) if not line.endswith(" 0.00")]
    assert corrected == ["alpha-hours -1.21", "beta-hours -0.97", "gamma-hours 2.88"]


def test_an_account_that_joins_fills_the_tiers_from_then_on(
    database: Database, usage_store: UsageStore
) -> None:
    """Contracts of new accounts change no month that was billed before they began."""
    billing = corp(database, usage_store, payer())
    billing.record(JANUARY)
    issued(billing, FEBRUARY_2)
    with billing.unit() as uow:
        joined = replace(payer(), key=AccountKey("delta"), parent=CORP, invoiced=False)
        uow.accounts.save_accounts([joined])
        uow.accounts.save_resources([Resource(key=ResourceKey("vm-delta"), account=joined.key)])
        later = replace(
            contract("delta"), start=instant("2026-02-01T00:00:00Z"), anchor=date(2026, 2, 1)
        )
        uow.subscriptions.save_subscriptions([later])
        uow.commit()
    billing.record(
        [
            cpu(5, "2026-02-10T00:00:00Z", str(10 * HOUR), subject="vm-delta"),
            cpu(6, "2026-02-10T00:00:00Z", str(10 * HOUR), subject="vm-alpha"),
        ]
    )
    assert lines(issued(billing, MARCH_2)) == [
        "alpha-hours 5.50",
        "beta-hours 0.00",
        "delta-hours 5.50",
        "gamma-hours 0.00",
    ]


def test_what_is_voided_of_one_account_is_a_difference_of_all(
    database: Database, usage_store: UsageStore
) -> None:
    """A void leaves no event behind; that it reaches what others share is their reason."""
    billing = corp(database, usage_store, payer())
    billing.record(JANUARY)
    issued(billing, FEBRUARY_2)
    billing.record([void(billing.log.events[2], position=0)])
    corrected = [line for line in lines(issued(billing, MARCH_2)) if not line.endswith(" 0.00")]
    # 9 hours are left: 9.00.
    assert corrected == ["alpha-hours 1.04", "beta-hours 0.83", "gamma-hours -3.17"]

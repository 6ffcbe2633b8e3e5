"""Tiers over the payer's tree, where an account of it moves below another payer."""

from dataclasses import replace

from tallystick.accounts import PayerChange
from tallystick.kernel import AccountKey, instant
from tests.app.invoicing.billing import FEBRUARY_2, MARCH_2, Billing
from tests.app.invoicing.test_consolidated_billing import issued
from tests.app.invoicing.test_tree_billing import HOUR, JANUARY, corp, lines, payer
from tests.clickhouse import UsageStore
from tests.databases import Database
from tests.invoicing.world import cpu

FEBRUARY = [
    cpu(5, "2026-02-10T00:00:00Z", str(10 * HOUR), subject="vm-alpha"),
    cpu(6, "2026-02-10T00:00:00Z", str(10 * HOUR), subject="vm-beta"),
]


def beta_moves(billing: Billing, at: str) -> None:
    """Say that another payer pays for beta from an instant on."""
    globe = replace(payer(), key=AccountKey("globe"))
    with billing.unit() as uow:
        beta = uow.accounts.load_account(AccountKey("beta"))
        assert beta is not None
        moved = replace(beta, payer_changes=(PayerChange(at=instant(at), parent=globe.key),))
        uow.accounts.save_accounts([globe, moved])
        uow.commit()


def test_who_left_fills_the_tiers_no_more(database: Database, usage_store: UsageStore) -> None:
    """January is of all three; in February 10 hours of beta's are beta's, 10 of alpha's alpha's."""
    billing = corp(database, usage_store, payer())
    beta_moves(billing, "2026-01-20T00:00:00Z")
    billing.record([*JANUARY, *FEBRUARY])
    assert lines(issued(billing, FEBRUARY_2)) == [
        "alpha-hours 3.96",
        "beta-hours 3.17",
        "gamma-hours 3.17",
    ]
    made = issued(billing, MARCH_2)
    assert lines(made) == ["alpha-hours 10.00", "beta-hours 10.00", "gamma-hours 0.00"]
    assert {one.account for one in made if one.subscription == "beta-hours"} == {"globe"}


def test_who_left_long_ago_changes_what_the_others_bear(
    database: Database, usage_store: UsageStore
) -> None:
    """Dated back: of 20 hours for 11.00 the two bore 5.50; each bears 10.00 of its own now."""
    billing = corp(database, usage_store, payer())
    billing.record([*JANUARY, *FEBRUARY])
    issued(billing, MARCH_2)
    beta_moves(billing, "2026-01-20T00:00:00Z")
    assert lines(issued(billing, MARCH_2)) == ["beta-hours -5.50", "beta-hours 10.00"]
    april = issued(billing, instant("2026-04-02T00:00:00Z"))
    assert [line for line in lines(april) if not line.endswith(" 0.00")] == ["alpha-hours 4.50"]

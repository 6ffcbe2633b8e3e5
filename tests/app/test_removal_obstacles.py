"""What of a contract keeps usage from being removed, though its period was billed."""

from dataclasses import replace
from datetime import datetime
from decimal import Decimal

from tallystick.app.retention.contracts import Contract, open_obstacles
from tallystick.invoicing import as_billed
from tallystick.kernel import Interval, IntervalUnit, instant
from tallystick.pricing import Price, Rollover
from tests.invoicing.world import (
    BASIS,
    CONTRACT,
    CPU_PRICE,
    FEBRUARY,
    FEE,
    PLAN,
    Asked,
    drafted,
    issue,
    the_invoice,
)

QUARTER = Interval(count=1, of=IntervalUnit.QUARTER)
FEBRUARY_1, APRIL_1 = FEBRUARY.start, instant("2026-04-01T00:00:00Z")


def obstacles(price: Price, *, closed_before: datetime, end: datetime | None = None) -> set[str]:
    """Return what bars the removal of CPU usage, where the January of a contract was billed."""
    basis = replace(
        BASIS,
        plan=replace(PLAN, prices=(FEE, price)),
        subscription=replace(CONTRACT, end=end),
    )
    january = issue(the_invoice(drafted([], Asked(basis=basis))), "INV-1")
    contract = Contract(
        basis=basis,
        event_type="cpu",
        counted=frozenset({price.key}),
        billed=as_billed([january]),
        position=1,
    )
    now = closed_before
    return {one.code for one in open_obstacles(contract, closed_before=closed_before, now=now)}


def test_a_billed_month_bars_nothing() -> None:
    """Usage of a month that was billed may go."""
    assert obstacles(CPU_PRICE, closed_before=FEBRUARY_1) == set()


def test_a_quarter_is_waited_for() -> None:
    """Usage of a quarter is needed until its own document, though its month was billed."""
    assert obstacles(replace(CPU_PRICE, interval=QUARTER), closed_before=FEBRUARY_1) == {
        "open_period"
    }


def test_what_goes_on_is_needed_until_the_end() -> None:
    """Each document of a price that reaches back rests on all usage before it."""
    rolling = replace(CPU_PRICE, rollover=Rollover())
    assert obstacles(rolling, closed_before=FEBRUARY_1) == {"reaches_back"}
    assert obstacles(rolling, closed_before=FEBRUARY_1, end=FEBRUARY_1) == set()


def test_what_accounts_share_is_needed_by_all() -> None:
    """Documents of tiers over a tree rest on usage of other contracts, which is not sealed."""
    shared = replace(CPU_PRICE, allowance=Decimal(0), tiers_over="tree")
    assert obstacles(shared, closed_before=FEBRUARY_1) == {"shares_tiers"}
    assert obstacles(shared, closed_before=FEBRUARY_1, end=FEBRUARY_1) == {"shares_tiers"}

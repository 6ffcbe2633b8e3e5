"""Deferred revenue: what is earned now, what later, and that nothing is lost between."""

from collections.abc import Mapping
from datetime import datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tallystick.kernel import Money, Period, currency, instant
from tallystick.ledger import (
    AccountingMonth,
    Division,
    Service,
    accounting_month,
    divide_income,
    month_of,
    service_days,
)

EUR = currency("EUR")
START = instant("2026-01-01T00:00:00Z")
QUARTER = Service(period=Period(start=START, end=instant("2026-04-01T00:00:00Z")), zone="UTC")
KNOWN = Service(period=QUARTER.period, zone="UTC", known=True)
FEBRUARY_10 = instant("2026-02-10T00:00:00Z")


def eur(minor: int) -> Money:
    """Return cents."""
    return Money(minor=minor, currency=EUR)


def waiting(**months: int) -> Mapping[AccountingMonth, Money]:
    """Return what waits in cents, by months of 2026 as ``m2=5900``."""
    return {
        accounting_month(f"2026-{int(name[1:]):02}"): eur(minor) for name, minor in months.items()
    }


def divided(
    minor: int,
    service: Service = QUARTER,
    *,
    at: datetime = START,
    before: Mapping[AccountingMonth, Money] | None = None,
) -> Division:
    """Divide cents that are posted at an instant."""
    return divide_income(
        eur(minor), service, at=at, posted=month_of(at.date()), waiting=before or {}
    )


@pytest.mark.parametrize(
    ("service", "minor", "at", "before", "now", "later"),
    [
        (QUARTER, 9000, START, {}, 0, {"m1": 3100, "m2": 2800, "m3": 3100}),
        (QUARTER, 100, START, {}, 0, {"m1": 35, "m2": 31, "m3": 34}),
        (QUARTER, 9000, FEBRUARY_10, {}, 0, {"m2": 5900, "m3": 3100}),
        (QUARTER, 9000, QUARTER.period.end, {}, 9000, {}),
        (QUARTER, -9000, START, {}, 0, {"m1": -3100, "m2": -2800, "m3": -3100}),
        (KNOWN, -4000, FEBRUARY_10, {"m2": 2800, "m3": 3100}, 0, {"m2": -1898, "m3": -2102}),
        (KNOWN, -9000, FEBRUARY_10, {"m2": 2800, "m3": 3100}, -3100, {"m2": -2800, "m3": -3100}),
        (KNOWN, -9000, FEBRUARY_10, {}, -9000, {}),
        (KNOWN, 590, FEBRUARY_10, {"m2": 2800, "m3": 3100}, 0, {"m2": 280, "m3": 310}),
        (KNOWN, -500, QUARTER.period.end, {"m4": 700, "m5": 300}, 0, {"m4": -200, "m5": -300}),
        (KNOWN, 500, QUARTER.period.end, {"m3": 3100}, 500, {}),
        (KNOWN, -500, QUARTER.period.end, {"m3": 3100}, -500, {}),
    ],
)
def test_division(  # noqa: PLR0913 - a row of the table is six of them
    *,
    service: Service,
    minor: int,
    at: datetime,
    before: dict[str, int],
    now: int,
    later: dict[str, int],
) -> None:
    """Running services defer, past ones earn; a credit takes what waits before what was earned."""
    found = divided(minor, service, at=at, before=waiting(**before))
    assert found.now == eur(now)
    assert found.later == waiting(**later)


def test_a_service_cut_short_is_earned_by_its_last_day() -> None:
    """A year paid with 365.00 and ended after 74 days leaves exactly the days that were served."""
    year = Period(start=START, end=instant("2027-01-01T00:00:00Z"))
    paid = divided(36500, Service(period=year, zone="UTC"))
    ended = instant("2026-03-16T00:00:00Z")
    cut = Service(period=Period(start=START, end=ended), zone="UTC", known=True)
    credit = divided(-36500 + 7400, cut, at=ended, before=paid.later)
    assert credit.now == eur(0)
    march = accounting_month("2026-03")
    left = paid.later[march] + credit.later[march]
    assert left == eur(1500)
    for month, part in paid.later.items():
        if month > march:
            assert credit.later[month] == -part


def test_days_are_local() -> None:
    """February in Tokyo is February's, although it begins in January elsewhere."""
    february = Period(start=instant("2026-01-31T15:00:00Z"), end=instant("2026-02-28T15:00:00Z"))
    assert service_days(february, "Asia/Tokyo") == {accounting_month("2026-02"): 28}
    hour = Period(start=START, end=START + timedelta(hours=1))
    assert service_days(hour, "UTC") == {accounting_month("2026-01"): 1}


@given(
    minors=st.lists(st.integers(-(10**9), 10**9).filter(bool), min_size=1, max_size=8),
    length=st.integers(1, 800),
    gaps=st.lists(st.integers(0, 90), min_size=8, max_size=8),
)
def test_nothing_is_lost(minors: list[int], length: int, gaps: list[int]) -> None:
    """Earned, earned later and waiting add up to what was charged, document after document."""
    period = Period(start=START, end=START + timedelta(days=length))
    standing: dict[AccountingMonth, Money] = {}
    at, passed, now = START, 0, 0
    for index, (minor, gap) in enumerate(zip(minors, gaps, strict=False)):
        at += timedelta(days=gap)
        posted = month_of(at.date())
        for month in [month for month in standing if month < posted]:
            passed += standing.pop(month).minor
        before = sum(part.minor for part in standing.values())
        service = Service(period=period, zone="UTC", known=index > 0)
        found = divide_income(eur(minor), service, at=at, posted=posted, waiting=standing)
        assert found.now + found.deferred == eur(minor)
        now += found.now.minor
        for month, part in found.later.items():
            assert month >= posted
            standing[month] = standing.get(month, eur(0)) + part
        after = sum(part.minor for part in standing.values())
        assert before * after >= 0
        assert {part.minor * after >= 0 for part in standing.values()} <= {True}
    assert passed + now + sum(part.minor for part in standing.values()) == sum(minors[:8])

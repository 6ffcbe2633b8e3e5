"""Budgets by the numbers of the cases: at or above, once a period, by the calendar."""

from datetime import datetime
from decimal import Decimal

import pytest

from tallystick.app.readings import BudgetRead, Spent, budget_window, read_budget
from tallystick.kernel import IntervalUnit, Money, currency, instant
from tallystick.thresholds import Basis, Threshold, Watch, Watched, WatchState, evaluate

EUR = currency("EUR")
SHARES = [Decimal(50), Decimal(80), Decimal(100)]


def money(major: str) -> Money:
    """Return an amount of euros."""
    return Money(minor=int(Decimal(major) * 100), currency=EUR)


def read(usage: str, budget: str, *, at: datetime, fees: str = "0") -> BudgetRead:
    """Return what a budget of a month in Berlin reads."""
    zone = "Europe/Berlin"
    window = budget_window(IntervalUnit.MONTH, at=at, zone=zone)
    spent = Spent(usage=money(usage), fees=money(fees))
    return read_budget(spent, Decimal(budget), window=window, at=at, zone=zone)


def test_thresholds_are_passed_at_or_above_once_a_period() -> None:
    """B1 to B3: 499.99 tells nothing, 500, 820 and 1,000 one each; a fall nothing; May anew."""
    watch = Watch(watched=Watched.BUDGET, thresholds=tuple(Threshold(amount=one) for one in SHARES))
    state, told = WatchState(), []
    april = ("499.99", "500", "820", "480", "510", "1000")
    steps = [(f"2026-04-{day}T10:00:00Z", spent) for day, spent in enumerate(april, start=10)]
    for at, spent in [*steps, ("2026-05-02T10:00:00Z", "500")]:
        found = evaluate(watch, state, read(spent, "1000", at=instant(at)).reading)
        state = found.state
        told.append([one.threshold.name for one in found.crossings])
    assert told == [[], ["50 %"], ["80 %"], [], [], ["100 %"], ["50 %"]]


@pytest.mark.parametrize(("budget", "fires"), [("900", True), ("900.01", False)])
def test_the_pace_of_usage_is_what_is_expected(budget: str, *, fires: bool) -> None:
    """B5 and F1: 300.00 in ten days of 30 come to 900.00, which passes 900 and not 900.01."""
    at = instant("2026-04-10T22:00:00Z")
    read_ = read("300", budget, at=at)
    assert read_.reading.projected == 900
    ahead = Threshold(amount=Decimal(100), basis=Basis.PROJECTED)
    watch = Watch(watched=Watched.BUDGET, thresholds=(ahead,))
    assert bool(evaluate(watch, WatchState(), read_.reading).crossings) is fires


def test_fees_are_not_multiplied() -> None:
    """A fee of 100.00 beside 300.00 of usage in ten days of 30 comes to 1,000.00."""
    read_ = read("300", "1000", at=instant("2026-04-10T22:00:00Z"), fees="100")
    assert read_.reading.value == 400
    assert read_.reading.projected == 1000


def test_little_is_expected_of_the_first_days() -> None:
    """Before a tenth of the month is over nothing is projected; from then on it is."""
    assert read("50", "100", at=instant("2026-04-03T21:59:59Z")).reading.projected is None
    assert read("50", "100", at=instant("2026-04-03T22:00:00Z")).reading.projected == 500


def test_a_spent_budget_was_reached_today() -> None:
    """The day is local: 23:30 in UTC is the next one in Berlin."""
    spent = read("1000", "1000", at=instant("2026-04-20T23:30:00Z"))
    ahead = read("500", "1000", at=instant("2026-04-10T22:00:00Z"))
    assert [str(one.reached_on) for one in (spent, ahead)] == ["2026-04-21", "2026-04-21"]


@pytest.mark.parametrize(
    ("per", "start", "end"),
    [
        (IntervalUnit.WEEK, "2026-04-05T22:00:00Z", "2026-04-12T22:00:00Z"),
        (IntervalUnit.MONTH, "2026-03-31T22:00:00Z", "2026-04-30T22:00:00Z"),
        (IntervalUnit.QUARTER, "2026-03-31T22:00:00Z", "2026-06-30T22:00:00Z"),
        (IntervalUnit.YEAR, "2025-12-31T23:00:00Z", "2026-12-31T23:00:00Z"),
    ],
)
def test_a_budget_is_of_the_calendar(per: IntervalUnit, start: str, end: str) -> None:
    """Weeks begin on Mondays, all by midnight of the payer's zone, summer time included."""
    window = budget_window(per, at=instant("2026-04-10T10:00:00Z"), zone="Europe/Berlin")
    assert (window.start, window.end) == (instant(start), instant(end))

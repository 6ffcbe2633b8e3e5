"""
A budget: what may be spent in a calendar week, month, quarter or year of the payer's zone.

    1,000.00 in March, on March 11: usage 300.00 in 10 of 31 days, fees 49.00
        expected   300.00 x 31 / 10 + 49.00 = 979.00

What is expected goes on at the pace of usage since the period began, once a tenth of it is over.
"""

from dataclasses import dataclass
from datetime import date, datetime, timedelta
from decimal import Context, Decimal

from tallystick.app.readings.spending import Spent
from tallystick.kernel import Interval, IntervalUnit, Period, period_at, time_zone
from tallystick.thresholds import Reading

_MONDAY = date(1970, 1, 5)
_FIRST = date(1970, 1, 1)
_SHORT = Context(prec=12)
_TENTH = 10


@dataclass(frozen=True, slots=True, kw_only=True)
class BudgetRead:
    """A reading of a budget, and the local day on which it is expected to be spent."""

    reading: Reading
    reached_on: date | None = None


def budget_window(per: IntervalUnit, *, at: datetime, zone: str) -> Period:
    """Return the calendar period that holds an instant; weeks begin on Mondays."""
    anchor = _MONDAY if per is IntervalUnit.WEEK else _FIRST
    return period_at(at, anchor=anchor, interval=Interval(count=1, of=per), zone=zone)


def read_budget(
    spent: Spent, budget: Decimal, *, window: Period, at: datetime, zone: str
) -> BudgetRead:
    """Return how much of a budget is spent, and what is expected by the end of its period."""
    value = spent.total.decimal
    so_far = Period(start=window.start, end=at).seconds if at > window.start else Decimal(0)
    if so_far * _TENTH < window.seconds:
        reading = Reading(value=value, at=at, limit=budget, period=window)
        return BudgetRead(reading=reading)
    pace = _SHORT.divide(spent.usage.decimal, so_far)
    left = window.seconds - so_far
    projected = _SHORT.add(value, _SHORT.multiply(pace, left))
    reached_on = None
    if value >= budget:
        reached_on = at.astimezone(time_zone(zone)).date()
    elif projected >= budget:
        seconds = int(_SHORT.divide(budget - value, pace))
        reached_on = (at + timedelta(seconds=seconds)).astimezone(time_zone(zone)).date()
    reading = Reading(value=value, at=at, limit=budget, period=window, projected=projected)
    return BudgetRead(reading=reading, reached_on=reached_on)

"""
What an account used in a stretch of days: by meter, by day and by dimension, and where it goes.

    api-calls, 1 to 3 March: 100, 110, 120
        total         330, of the features api-calls
        breakdown     region: eu 220 (66.7 %), us 110 (33.3 %)
        trend         by the test of `forecasting.trend`, of the days that are over

Quantities of a meter that adds make the total; those of others (a level, a maximum, unique values)
stand beside each other, and have no share.
"""

import json
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from functools import cache
from importlib.resources import files

import msgspec

from tallystick.forecasting import DailyUsage, Direction, trend_of
from tallystick.thresholds import percent_of

SCHEMA = "usage-report.schema.json"


class DayOfUse(msgspec.Struct, frozen=True, kw_only=True):
    """What was used on a local day; of the last one perhaps so far."""

    day: date
    quantity: Decimal


class GroupOfUse(msgspec.Struct, frozen=True, kw_only=True):
    """
    What was used of one value of a dimension.

    Attributes:
        value: the text; None: all values that are not listed.
        share_percent: of the total, one decimal; None: there is none, or the meter does not add.
    """

    value: str | None
    quantity: Decimal
    share_percent: Decimal | None = None


class Breakdown(msgspec.Struct, frozen=True, kw_only=True):
    """The greatest values of a dimension."""

    dimension: str
    groups: tuple[GroupOfUse, ...]


class ReportedTrend(msgspec.Struct, frozen=True, kw_only=True):
    """Where days go that are over: by Mann-Kendall and Theil-Sen, beyond a dead band of 5 %."""

    direction: str
    per_day: Decimal | None
    days: int


class MeterReport(msgspec.Struct, frozen=True, kw_only=True):
    """
    The use of one meter.

    Attributes:
        features: those of the account that it counts.
        adds: whether days and groups add up to the total.
        chart: a Vega-Lite spec of the days; None: none was made.
    """

    meter: str
    unit: str
    features: tuple[str, ...]
    adds: bool
    total: Decimal
    days: tuple[DayOfUse, ...]
    breakdowns: tuple[Breakdown, ...]
    trend: ReportedTrend
    chart: dict[str, object] | None = None


class UsageReport(msgspec.Struct, frozen=True, kw_only=True):
    """The document; first and last day of the period are inclusive, of the zone."""

    tenant_id: str
    period: str
    zone: str
    position: int
    meters: tuple[MeterReport, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class MeterFacts:
    """
    What is known of the use of one meter.

    Attributes:
        days: each day of the period, the earliest first.
        over: how many of them are over.
        groups: by dimension, values with their quantities, in the order of the document.
    """

    meter: str
    unit: str
    features: tuple[str, ...]
    adds: bool
    total: Decimal
    days: tuple[DayOfUse, ...]
    over: int
    groups: Mapping[str, tuple[tuple[str | None, Decimal], ...]]


def meter_report(facts: MeterFacts) -> MeterReport:
    """
    Return what is told of one meter.

    Example:
        >>> days = [DayOfUse(day=date(2026, 3, n + 1), quantity=Decimal(100 + n)) for n in range(3)]
        >>> facts = MeterFacts(meter="calls", unit="call", features=(), adds=True,
        ...     total=Decimal(303), days=tuple(days), over=2,
        ...     groups={"region": (("eu", Decimal(202)), (None, Decimal(101)))})
        >>> found = meter_report(facts)
        >>> [(one.value, str(one.share_percent)) for one in found.breakdowns[0].groups]
        [('eu', '66.7'), (None, '33.3')]
        >>> found.trend.direction, found.trend.days
        ('stable', 2)
    """
    return MeterReport(
        meter=facts.meter,
        unit=facts.unit,
        features=facts.features,
        adds=facts.adds,
        total=facts.total,
        days=facts.days,
        breakdowns=tuple(
            Breakdown(
                dimension=dimension,
                groups=tuple(
                    GroupOfUse(
                        value=value,
                        quantity=quantity,
                        share_percent=percent_of(quantity, facts.total) if facts.adds else None,
                    )
                    for value, quantity in groups
                ),
            )
            for dimension, groups in facts.groups.items()
        ),
        trend=_trend(facts),
    )


@cache
def usage_report_schema() -> Mapping[str, object]:
    """Return the JSON Schema (draft 2020-12) of the document."""
    text = files("tallystick.reports").joinpath(SCHEMA).read_text(encoding="utf-8")
    schema: dict[str, object] = json.loads(text)
    return schema


def _trend(facts: MeterFacts) -> ReportedTrend:
    over = tuple(one.quantity for one in facts.days[: facts.over])
    found = None
    if over:
        found = trend_of(DailyUsage(first=facts.days[0].day, values=over))
    if found is None:
        return ReportedTrend(direction=Direction.STABLE.value, per_day=None, days=len(over))
    return ReportedTrend(direction=found.direction.value, per_day=found.slope, days=found.days)

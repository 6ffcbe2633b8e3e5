"""
What an account used of its limits in its billing period, where that goes, and what it comes to.

    api_calls: 847,293 of 1,000,000 at the beginning of 22 March, 600 more each day
        utilization_percent   84.7
        trend                 increasing, by the days of the period that are over
        alerts                80 % is passed; at this growth the limit is reached on March 25

Alerts are the thresholds that what stands now has passed, the foremost of each resource, and the
day on which a limit is reached, where one is expected before the period ends.
"""

import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from decimal import Decimal
from functools import cache
from importlib.resources import files

import msgspec

from tallystick.forecasting import (
    DAYS_MAX,
    DailyUsage,
    Direction,
    Projection,
    Standing,
    draw_line,
    project_level,
    project_total,
    trend_of,
)
from tallystick.kernel import Period, time_zone
from tallystick.thresholds import (
    Basis,
    Crossing,
    Reading,
    Severity,
    Watched,
    WatchState,
    default_watch,
    evaluate,
    gather,
    percent_of,
)

SCHEMA = "usage-metrics.schema.json"
_WATCH = default_watch(Watched.USAGE)
_MONTHS = (
    "January", "February", "March", "April", "May", "June",
    "July", "August", "September", "October", "November", "December",
)  # fmt: skip


class Consumption(msgspec.Struct, frozen=True, kw_only=True):
    """
    What is used of one limit.

    Attributes:
        total: so far, in the unit of the limit; exact.
        limit: None: there is none.
        utilization_percent: one decimal, half away from zero; None: no limit, or one of 0.
        trend: ``increasing``, ``decreasing`` or ``stable``.
    """

    total: Decimal
    limit: Decimal | None
    utilization_percent: Decimal | None
    trend: str


class MetricsAlert(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """A threshold that is passed, or the day on which a limit is expected to be reached."""

    type: str
    resource: str
    message: str
    threshold_percent: Decimal | None = None
    projected_date: date | None = None
    severity: str


class BillingSummary(msgspec.Struct, frozen=True, kw_only=True):
    """What the running period's documents come to so far, before tax, of one currency."""

    base_charge: Decimal
    overage_charges: Decimal
    total: Decimal
    currency: str


class UsageMetrics(msgspec.Struct, frozen=True, kw_only=True):
    """The document; the dates of the period are inclusive."""

    tenant_id: str
    billing_period: str
    plan: str
    status: str
    consumption: dict[str, Consumption]
    alerts: tuple[MetricsAlert, ...]
    billing_summary: BillingSummary | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Consumed:
    """
    What is known of the use of one limit.

    Attributes:
        resource: its name in the document.
        label: for people, one of what is counted: ``API call``.
        total: so far in the period.
        limit: None: there is none.
        days: the local days of the period that are over.
        adds: whether what days used adds up to the total; else it is a level.
    """

    resource: str
    label: str
    total: Decimal
    limit: Decimal | None
    days: DailyUsage
    adds: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class MetricsFacts:
    """
    All that the document follows from.

    Attributes:
        account: its key.
        plan: key of the plan in force.
        status: ``active`` or ``restricted``.
        period: the billing period that holds the instant, half-open.
        at: the instant of asking, UTC.
        zone: the payer's.
        consumed: by resource, in the order of the document.
        billing: None: nothing is billed for it itself.
    """

    account: str
    plan: str
    status: str
    period: Period
    at: datetime
    zone: str
    consumed: tuple[Consumed, ...]
    billing: BillingSummary | None


def usage_metrics(facts: MetricsFacts) -> UsageMetrics:
    """Return the document of these facts."""
    zone = time_zone(facts.zone)
    first = facts.period.start.astimezone(zone).date()
    last = (facts.period.end.astimezone(zone) - timedelta(microseconds=1)).date()
    return UsageMetrics(
        tenant_id=facts.account,
        billing_period=f"{first} to {last}",
        plan=facts.plan,
        status=facts.status,
        consumption={one.resource: _consumption(one) for one in facts.consumed},
        alerts=tuple(alert for one in facts.consumed for alert in _alerts(one, facts)),
        billing_summary=facts.billing,
    )


@cache
def usage_metrics_schema() -> Mapping[str, object]:
    """Return the JSON Schema (draft 2020-12) of the document."""
    text = files("tallystick.reports").joinpath(SCHEMA).read_text(encoding="utf-8")
    schema: dict[str, object] = json.loads(text)
    return schema


def _consumption(one: Consumed) -> Consumption:
    trend = trend_of(one.days)
    return Consumption(
        total=one.total,
        limit=one.limit,
        utilization_percent=percent_of(one.total, one.limit),
        trend=(Direction.STABLE if trend is None else trend.direction).value,
    )


def _alerts(one: Consumed, facts: MetricsFacts) -> Iterator[MetricsAlert]:
    projection = _projection(one, facts)
    reading = Reading(
        value=one.total,
        at=facts.at,
        limit=one.limit,
        period=facts.period,
        projected=None if projection is None else projection.at_end,
    )
    crossings = evaluate(_WATCH, WatchState(), reading).crossings
    notice = gather(each for each in crossings if each.threshold.basis is not Basis.PROJECTED)
    if notice is not None:
        yield _passed(one, notice.foremost)
    for each in crossings:
        if each.threshold.basis is Basis.PROJECTED and projection and projection.reached_on:
            yield _expected(one, each, projection.reached_on)


def _passed(one: Consumed, crossing: Crossing) -> MetricsAlert:
    severity = crossing.threshold.severity
    end = "plan limit reached" if severity is Severity.CRITICAL else "approaching plan limit"
    percent = percent_of(one.total, one.limit)
    return MetricsAlert(
        type="threshold_warning",
        resource=one.resource,
        message=f"{one.label} usage at {percent}% \N{EM DASH} {end}",
        threshold_percent=crossing.threshold.amount,
        severity=severity.value,
    )


def _expected(one: Consumed, crossing: Crossing, day: date) -> MetricsAlert:
    told = f"{_MONTHS[day.month - 1]} {day.day}"
    return MetricsAlert(
        type="trend_alert",
        resource=one.resource,
        message=f"At current growth rate, {one.label} limit will be reached by {told}",
        projected_date=day,
        severity=crossing.threshold.severity.value,
    )


def _projection(one: Consumed, facts: MetricsFacts) -> Projection | None:
    if facts.period.end - facts.at > timedelta(days=DAYS_MAX):
        return None
    standing = Standing(
        value=one.total, limit=one.limit, at=facts.at, end=facts.period.end, zone=facts.zone
    )
    if not one.adds:
        return project_level(one.days, standing)
    line = draw_line(one.days)
    return None if line is None else project_total(line, standing)

"""
Billing periods: which intervals a subscription is billed for.

Boundaries are local midnights of the payer, counted from one anchor: the calendar's (the first of
the month, Monday, ...) or the subscription's own.  Periods lie between neighbouring boundaries; the
first begins with the subscription and the last ends with it, so either may be shorter than its
**whole** period, the one between the boundaries around it.

    monthly, calendar, from March 15:   [Mar 15, Apr 1)  [Apr 1, May 1)  ...    whole of the first:
                                                                                [Mar 1, Apr 1)
    monthly, anniversary on the 31st:   [Jan 31, Feb 28)  [Feb 28, Mar 31)  [Mar 31, Apr 30)  ...

A contract that changes to a plan of another interval or alignment, or to a new anchor, ends the
period that runs there; the next one is counted in the new way and may be shorter than its whole.

A change of zone takes effect at the next boundary: the period in which it happens ends by the old
zone, the one after it ends by the new one and **bridges** the two, an hour or a few longer or
shorter than whole.  Time stays tiled: no gap, no overlap.

Source: the project's semantics, "Time and periods".
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime, timedelta

from tallystick.accounts import ZoneChange
from tallystick.catalog import Alignment, PlanVersion, Subscription
from tallystick.kernel import (
    Interval,
    InvariantBroken,
    Period,
    boundary,
    calendar_anchor,
    index_at,
    time_zone,
)
from tallystick.subscriptions.timeline import Cycle, Segment, cycles, timeline

_MOMENT = timedelta(microseconds=1)


@dataclass(frozen=True, slots=True, kw_only=True)
class BillingPeriod:
    """
    One period that a subscription is billed for.

    Attributes:
        span: what is billed, half-open.
        whole: the anchor-aligned period around it, in ``zone``; longer unless they are the same.
        zone: the payer's zone, in which the days of the period are counted.
        bridges: whether the period leads from one zone to another.
        closes: whether the subscription ends within the whole period.
    """

    span: Period
    whole: Period
    zone: str
    bridges: bool = False
    closes: bool = False


def periods(
    subscription: Subscription,
    plans: Sequence[PlanVersion],
    zone: str,
    *,
    through: datetime,
    zone_changes: tuple[ZoneChange, ...] = (),
) -> tuple[Period, ...]:
    """
    Give the spans of `billing_periods`.

    >>> from tallystick.kernel import IntervalUnit, instant
    >>> monthly = PlanVersion(plan="pro", version=1, name="Pro", currency="EUR", prices=(),
    ...     interval=Interval(count=1, of=IntervalUnit.MONTH), alignment=Alignment.CALENDAR,
    ...     proration="day")
    >>> acme = Subscription(key="a", account="acme", plan="pro", version=1, legal_entity="main",
    ...     start=instant("2026-03-15T00:00:00Z"), anchor=date(2026, 3, 15))
    >>> for period in periods(acme, [monthly], "UTC", through=instant("2026-04-01T00:00:00Z")):
    ...     print(period)
    [2026-03-15T00:00:00.000000Z, 2026-04-01T00:00:00.000000Z)
    [2026-04-01T00:00:00.000000Z, 2026-05-01T00:00:00.000000Z)
    """
    found = billing_periods(subscription, plans, zone, through=through, zone_changes=zone_changes)
    return tuple(period.span for period in found)


def billing_periods(
    subscription: Subscription,
    plans: Sequence[PlanVersion],
    zone: str,
    *,
    through: datetime,
    zone_changes: tuple[ZoneChange, ...] = (),
) -> tuple[BillingPeriod, ...]:
    """
    Give the periods that begin at or before an instant, oldest first; they tile the subscription.

    Args:
        subscription: bounds the periods; one of no length has none.
        plans: all that the subscription names; they say interval and alignment.
        zone: the payer's IANA zone before all changes.
        through: instant up to which beginnings are wanted; the last period may end after it.
        zone_changes: the payer's, in order of time.

    Raises:
        Misuse: unknown zone, or boundaries outside the years 1 to 9999.
    """
    segments = timeline(subscription, plans)
    walk = walk_periods(subscription, segments, zone, zone_changes=zone_changes)
    found: list[BillingPeriod] = []
    for period in walk:
        if period.span.start > through:
            break
        found.append(period)
    return tuple(found)


def whole_period(
    part: Period,
    subscription: Subscription,
    plans: Sequence[PlanVersion],
    zone: str,
    *,
    zone_changes: tuple[ZoneChange, ...] = (),
) -> Period:
    """
    Give the whole anchor-aligned period around a part of one of the subscription's periods.

    Raises:
        InvariantBroken: the part begins outside the subscription.
    """
    segments = timeline(subscription, plans)
    for period in walk_periods(subscription, segments, zone, zone_changes=zone_changes):
        if period.span.start > part.start:
            break
        if period.span.contains(part.start):
            return period.whole
    raise InvariantBroken(f"{part} begins outside subscription {subscription.key!r}")


def walk_periods(
    subscription: Subscription,
    segments: Sequence[Segment],
    zone: str,
    *,
    zone_changes: tuple[ZoneChange, ...] = (),
    since: datetime | None = None,
) -> Iterator[BillingPeriod]:
    """
    Go through the periods of `billing_periods`, one by one, as long as the subscription lasts.

    Args:
        subscription: bounds the periods.
        segments: its `timeline`.
        zone: the payer's IANA zone before all changes.
        zone_changes: the payer's, in order of time.
        since: of the periods before the one around this instant most are left out, and cost
            nothing; None: all are given.

    Raises:
        Misuse: see `billing_periods`.
    """
    here = _declared(zone, zone_changes, subscription.start)
    for cycle in cycles(segments):
        for period in _walk_cycle(cycle, here, (zone, zone_changes), since):
            here = period.zone
            yield replace(period, closes=period.closes and period.span.end == subscription.end)


def _walk_cycle(
    cycle: Cycle, here: str, zones: tuple[str, tuple[ZoneChange, ...]], since: datetime | None
) -> Iterator[BillingPeriod]:
    """Go from boundary to boundary; ``here`` is the zone by which the period before ended."""
    start, end = cycle.start, cycle.end
    local = start.astimezone(time_zone(here)).date()
    calendar = cycle.alignment is Alignment.CALENDAR
    anchor = calendar_anchor(local, cycle.interval) if calendar else cycle.anchor
    k = index_at(start, anchor=anchor, interval=cycle.interval, zone=here)
    while end is None or start < end:
        there = _declared(*zones, start)
        if since is not None and start < since and there == here:
            near = _alike_until(since, start, end, zones[1])
            ahead = index_at(near, anchor=anchor, interval=cycle.interval, zone=here)
            if ahead > k:
                k, start = ahead, boundary(anchor, cycle.interval, ahead, here)
        k, until = _next(start, k, (anchor, cycle.interval, there))
        whole = Period(start=boundary(anchor, cycle.interval, k - 1, there), end=until)
        stop = until if end is None else min(until, end)
        yield BillingPeriod(
            span=Period(start=start, end=stop),
            whole=whole,
            zone=there,
            bridges=there != here,
            closes=stop < until,
        )
        start, here = until, there


def _alike_until(
    since: datetime, start: datetime, end: datetime | None, changes: tuple[ZoneChange, ...]
) -> datetime:
    """Give the last instant up to which periods from a start on are counted in one zone."""
    ahead = [change.at for change in changes if change.at > start]
    return min([since, *(at - _MOMENT for at in (*ahead, end) if at is not None)])


def _declared(zone: str, changes: tuple[ZoneChange, ...], at: datetime) -> str:
    """Give the zone by which the period that begins at an instant ends."""
    past = [change.zone for change in changes if change.at <= at]
    return past[-1] if past else zone


def _next(start: datetime, k: int, series: tuple[date, Interval, str]) -> tuple[int, datetime]:
    """Give the first boundary of a series after an instant, and its index, beginning behind k."""
    anchor, interval, zone = series
    until = boundary(anchor, interval, k + 1, zone)
    # A move to the east may put the next boundary where the last one was: there is no period.
    while until <= start:
        k += 1
        until = boundary(anchor, interval, k + 1, zone)
    return k + 1, until

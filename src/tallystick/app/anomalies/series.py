"""
A series hour by hour: what an hour that is over makes of what is remembered.

    judged      each hour in order, hours of nothing included
    caught up   hours that nobody watched: those of nothing are not known, and teach nothing
    learned     a series of which too little is known: from its first use on, at once

An hour is judged once, when it is over and late events had time to come.  What comes later changes
nothing.
"""

from collections.abc import Iterator, Mapping, Sequence
from datetime import datetime, timedelta
from decimal import Decimal

from tallystick.app.anomalies.ports import KeptPattern
from tallystick.forecasting import (
    HOURS_KEPT,
    LEARNING_HOURS,
    Anomaly,
    Pattern,
    close_hour,
    most_at,
    observe,
)
from tallystick.kernel import AccountKey, MeterKey, from_micros, micros

SETTLING = timedelta(minutes=5)
"""How long events of an hour may take to come."""
HOUR = timedelta(hours=1)
_MICROS = 3_600_000_000

Hours = Mapping[datetime, Decimal]


def last_over(at: datetime) -> datetime:
    """
    Return the beginning of the last hour whose events had time to come.

    Example:
        >>> from tallystick.kernel import instant
        >>> [last_over(instant(f"2026-03-02T14:{minute}:00Z")).hour for minute in ("04", "05")]
        [12, 13]
    """
    settled = micros(at - SETTLING) // _MICROS * _MICROS
    return from_micros(settled) - HOUR


def hours_through(first: datetime, last: datetime) -> tuple[datetime, ...]:
    """Return the beginnings of hours, the last included, as many as are remembered."""
    return tuple(_hours(max(first, last - (HOURS_KEPT - 1) * HOUR), last))


def is_young(pattern: Pattern) -> bool:
    """Tell whether too little is known to tell what is odd."""
    return len(pattern.hours) < LEARNING_HOURS


def is_dormant(pattern: Pattern) -> bool:
    """Tell whether nothing was used for a week."""
    full = len(pattern.hours) >= HOURS_KEPT - 1
    return full and not any(one.mean for one in pattern.hours)


def judged(
    pattern: Pattern, hours: Sequence[tuple[datetime, Decimal]], *, zone: str
) -> tuple[Pattern, tuple[Anomaly, ...]]:
    """Return what to remember after hours that are over, and what was odd about them."""
    found: list[Anomaly] = []
    for start, used in hours:
        seen = observe(pattern, used, at=start, zone=zone)
        ended = close_hour(seen.pattern, at=start + HOUR, zone=zone)
        found += (*seen.anomalies, *ended.anomalies)
        pattern = ended.pattern
    return pattern, tuple(found)


def learned(used: Hours, last: datetime, *, zone: str) -> Pattern:
    """Return what a week through an hour teaches, from the first use in it on."""
    if not used:
        return Pattern()
    hours = [(start, used.get(start, Decimal(0))) for start in hours_through(min(used), last)]
    pattern, _ = judged(Pattern(), hours, zone=zone)
    return pattern


def caught_up(pattern: Pattern, used: Hours, *, zone: str) -> tuple[Pattern, Anomaly | None]:
    """
    Return what to remember after hours that nobody watched, and the oddest of what was too much.

    That nothing, or little, was used is no news then: whoever counts was away too.
    """
    pattern, found = judged(pattern, sorted(used.items()), zone=zone)
    high = [one for one in found if one.opens and is_high(one)]
    return pattern, max(high, key=lambda one: one.score, default=None)


def is_high(anomaly: Anomaly) -> bool:
    """Tell whether it is too much, not too little."""
    return anomaly.seen > anomaly.usual


def kept(
    account: AccountKey, meter: MeterKey, pattern: Pattern, last: datetime, *, zone: str
) -> KeptPattern:
    """Return a pattern as it is kept once an hour was judged."""
    following = last + HOUR
    most = None if is_young(pattern) else most_at(pattern, at=following, zone=zone)
    return KeptPattern(
        account=account, meter=meter, pattern=pattern, next_hour=following, most=most
    )


def _hours(first: datetime, last: datetime) -> Iterator[datetime]:
    while first <= last:
        yield first
        first += HOUR

"""
What an hour is expected to be like, from the hours of the week before it.

    level       the median of the last day's hourly means
    profile     for each local hour of the day: the median of how far its means lay off the level,
                once the hour was seen on two days
    expected    level + profile
    allowed     the largest of: a fifth of what is expected; three times the usual distance (the
                median over the week); 1.25 times the largest distance of the week

Distances are those of means from their profile, to either side; and for single values, of each
hour's highest from its profile, upwards.  A value is judged with what was known when its hour
began: nothing of the hour itself, nothing later.

Local hours are those of the payer's zone, so that habits keep their hour when clocks change.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal

from tallystick.forecasting.ordered import SHORT, median
from tallystick.forecasting.pattern import DAY_HOURS, Expectation, SeenHour, hour_start, short
from tallystick.kernel import time_zone

LEARNING_HOURS = 48
_DAYS_SEEN_LEAST = 2
_NOTHING = Decimal(0)


@dataclass(frozen=True, slots=True, kw_only=True)
class Tolerance:
    """
    How far usage may lie off what is expected.

    Attributes:
        share: of what is expected.
        usual: times the usual distance of the week.
        largest: times the largest distance of the week.
        least: in the unit of the meter; what is too little to be told of.
    """

    share: Decimal = Decimal("0.2")
    usual: Decimal = Decimal(3)
    largest: Decimal = Decimal("1.25")
    least: Decimal = Decimal(0)


def expect(
    hours: Sequence[SeenHour], hour: int, *, zone: str, tolerance: Tolerance
) -> Expectation | None:
    """
    Return what an hour is expected to be; None where nothing was seen in the week before.

    Args:
        hours: what was seen in that week, in order.
        hour: the one that begins, in hours from 1970-01-01T00:00:00Z.
        zone: IANA name of the zone whose clock habits follow.
        tolerance: how far off is fine.
    """
    if not hours:
        return None
    level = _level(hours, hour)
    clock = [_local_hour(one.start, zone) for one in hours]
    profile = _profile(hours, clock)
    usual = short(SHORT.add(level, profile.get(_local_hour(hour, zone), _NOTHING)))
    if len(hours) < LEARNING_HOURS:
        return Expectation(level=level, usual=usual)
    norms = [profile[local] for local in clock]
    means = [SHORT.subtract(one.swing, norm) for one, norm in zip(hours, norms, strict=True)]
    tops = [SHORT.subtract(one.top, norm) for one, norm in zip(hours, norms, strict=True)]
    return Expectation(
        level=level,
        usual=usual,
        mean_allowed=_allowed([abs(one) for one in means], usual, tolerance),
        top_allowed=_allowed([max(one, _NOTHING) for one in tops], usual, tolerance),
    )


def highest_usual(
    hours: Sequence[SeenHour], hour: int, *, zone: str, tolerance: Tolerance
) -> Decimal | None:
    """
    Return the highest value of an hour that would not be told; None while too little is known.

    Args:
        hours: what was seen in the week before, in order.
        hour: the one that begins, in hours from 1970-01-01T00:00:00Z.
        zone: IANA name of the zone whose clock habits follow.
        tolerance: how far off is fine.
    """
    expected = expect(hours, hour, zone=zone, tolerance=tolerance)
    if expected is None or expected.top_allowed is None:
        return None
    return SHORT.add(expected.usual, expected.top_allowed)


def same_hours(
    hours: Sequence[SeenHour], hour: int, *, zone: str
) -> tuple[tuple[datetime, Decimal], ...]:
    """Return beginning and mean of what was seen at the same hour of other days, in order."""
    local = _local_hour(hour, zone)
    return tuple(
        (hour_start(one.start), one.mean)
        for one in hours
        if one.start != hour and _local_hour(one.start, zone) == local
    )


def _level(hours: Sequence[SeenHour], hour: int) -> Decimal:
    """Return the median of the last day; of the last 24 hours seen where that day saw none."""
    last = [one.mean for one in hours if hour - one.start <= DAY_HOURS]
    return median(last or [one.mean for one in hours[-DAY_HOURS:]])


def _local_hour(hour: int, zone: str) -> int:
    """Return the hour of the day on the clock of a zone."""
    return hour_start(hour).astimezone(time_zone(zone)).hour


def _profile(hours: Sequence[SeenHour], clock: Sequence[int]) -> Mapping[int, Decimal]:
    """Return for each hour of the day how far it usually lies off the level; 0 until two days."""
    found: dict[int, list[Decimal]] = {}
    for one, local in zip(hours, clock, strict=True):
        found.setdefault(local, []).append(one.swing)
    return {
        local: median(swings) if len(swings) >= _DAYS_SEEN_LEAST else _NOTHING
        for local, swings in found.items()
    }


def _allowed(distances: Sequence[Decimal], expected: Decimal, tolerance: Tolerance) -> Decimal:
    return short(
        max(
            tolerance.least,
            SHORT.multiply(tolerance.share, abs(expected)),
            SHORT.multiply(tolerance.usual, median(distances)),
            SHORT.multiply(tolerance.largest, max(distances)),
        )
    )

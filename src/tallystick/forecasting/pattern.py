"""
What is remembered of one series of usage: its hours of the last week, and the hour that runs.

An hour is remembered as its mean, and as how far its mean and its highest value lay above the level
of then.  That is four short numbers for each of 169 hours, about 6 kB as JSON, whatever the number
of values: little enough to keep for every account and meter.
"""

from datetime import datetime
from decimal import ROUND_HALF_EVEN, Context, Decimal, InvalidOperation

import msgspec

from tallystick.forecasting.ordered import SHORT, median
from tallystick.kernel import from_micros, micros

DAY_HOURS = 24
HOURS_KEPT = 7 * DAY_HOURS + 1
"""A week, and the hour by which clocks go back in autumn."""

_MICROS_PER_HOUR = 3_600_000_000
_KEPT = Context(prec=6, rounding=ROUND_HALF_EVEN, traps=[InvalidOperation])


class SeenHour(msgspec.Struct, frozen=True, array_like=True, kw_only=True):
    """
    A past hour, its figures to six digits.

    Attributes:
        start: hours from 1970-01-01T00:00:00Z to its beginning.
        mean: of its values.
        swing: how far its mean lay above the level of then; what was far off counts less.
        top: how far its highest value lay above that level; with the same restraint.
    """

    start: int
    mean: Decimal
    swing: Decimal
    top: Decimal


class Expectation(msgspec.Struct, frozen=True, array_like=True, kw_only=True):
    """
    What an hour is expected to be, as known when it begins.

    Attributes:
        level: the middle of the last day.
        usual: what its mean is expected to be.
        mean_allowed: how far the mean may lie off it; None while too little is known.
        top_allowed: how far a single value may lie above it; None as well.
    """

    level: Decimal
    usual: Decimal
    mean_allowed: Decimal | None = None
    top_allowed: Decimal | None = None


class RunningHour(msgspec.Struct, frozen=True, array_like=True, kw_only=True):
    """
    The hour that values come into.

    Attributes:
        start: as of a past hour.
        count: how many values it has, at least one.
        total: their sum; exact.
        highest: the highest of them.
        expected: None where nothing is known.
        told: whether one of its values was an anomaly.
    """

    start: int
    count: int
    total: Decimal
    highest: Decimal
    expected: Expectation | None = None
    told: bool = False


class Pattern(msgspec.Struct, frozen=True, kw_only=True):
    """
    The state of one series; begin with ``Pattern()``.

    Attributes:
        hours: past ones in order, at most 169, the oldest a week before the one that runs.
        running: None before the first value.
        told_at: when the last anomaly was told; None: never.
    """

    hours: tuple[SeenHour, ...] = ()
    running: RunningHour | None = None
    told_at: datetime | None = None


def with_hour(hours: tuple[SeenHour, ...], last: SeenHour, *, at: int) -> tuple[SeenHour, ...]:
    """
    Return what is remembered with another hour: that of the week before an hour that begins.

    As long as no whole day is known, there is no level to measure from.  The first day is therefore
    measured once more when it is complete: from the median of its own means.
    """
    kept = (*(one for one in hours if at - one.start <= HOURS_KEPT), last)
    if len(kept) != DAY_HOURS:
        return kept
    level = median([one.mean for one in kept])
    return tuple(
        msgspec.structs.replace(
            one,
            swing=short(SHORT.subtract(one.mean, level)),
            top=short(SHORT.add(one.top, SHORT.subtract(one.mean, SHORT.add(one.swing, level)))),
        )
        for one in kept
    )


def hour_of(at: datetime) -> int:
    """
    Return the hours from 1970-01-01T00:00:00Z to the hour of an instant.

    Example:
        >>> from tallystick.kernel import instant
        >>> hour_of(instant("1970-01-02T01:59:00Z"))
        25
    """
    return micros(at) // _MICROS_PER_HOUR


def hour_start(hour: int) -> datetime:
    """Return the instant at which an hour begins."""
    return from_micros(hour * _MICROS_PER_HOUR)


def short(value: Decimal) -> Decimal:
    """
    Return a figure as it is kept: to six digits.

    Example:
        >>> short(Decimal("1234.56789"))
        Decimal('1234.57')
    """
    return _KEPT.plus(value)

"""
Usage that is not as it was: a value too high, or an hour too high or too low.

Values are told as they come; an hour is judged by its mean when the next one begins, so that a long
small excess is found too.  A value that is low is nothing by itself: usage pauses.

    100 in every hour for two days      130: told at once, score 1.50, for 20 more are fine
                                        70 and 100: a mean of 85, nothing is told
                                        70 alone: told when the hour is over

The *score* is the distance from what is expected, in units of what is allowed: above 1 is an
anomaly.  What is far off teaches little: an hour is remembered as at most twice the allowed
distance away, so that abuse does not soon become a habit, while a lasting change does within days.

An anomaly *opens* an investigation unless another was told less than six hours before.
"""

from dataclasses import dataclass
from datetime import datetime, timedelta
from decimal import ROUND_HALF_UP, Decimal
from enum import StrEnum

import msgspec

from tallystick.forecasting.expecting import Tolerance, expect, highest_usual, same_hours
from tallystick.forecasting.ordered import SHORT
from tallystick.forecasting.pattern import (
    Expectation,
    Pattern,
    RunningHour,
    SeenHour,
    hour_of,
    hour_start,
    short,
    with_hour,
)
from tallystick.kernel import EXACT

CALM = timedelta(hours=6)
_RESTRAINT = Decimal(2)
_SCORE_MAX = Decimal(1000)
_CENT = Decimal("0.01")
_NOTHING = Decimal(0)
_USUAL = Tolerance()


class AnomalyKind(StrEnum):
    """What was off: one value, or the mean of an hour."""

    VALUE = "value"
    HOUR = "hour"


@dataclass(frozen=True, slots=True, kw_only=True)
class Anomaly:
    """
    Usage that is not as it was, with the evidence.

    Attributes:
        kind: whether a value or the mean of an hour.
        at: of the value; the beginning of the hour.
        told_at: when it was known.
        seen: the value, or the mean.
        usual: what was expected.
        allowed: how far off is fine; for a value upwards, for an hour both ways.
        score: the distance in units of what is allowed, to two places, 1,000 at most.
        opens: whether nothing was told in the six hours before.
        before: beginning and mean of the same local hour on the days of the week before.
    """

    kind: AnomalyKind
    at: datetime
    told_at: datetime
    seen: Decimal
    usual: Decimal
    allowed: Decimal
    score: Decimal
    opens: bool
    before: tuple[tuple[datetime, Decimal], ...]

    @property
    def most(self) -> Decimal:
        """Return the highest figure that would not be told."""
        return SHORT.add(self.usual, self.allowed)

    @property
    def least(self) -> Decimal | None:
        """Return the lowest mean that would not be told; None for a value, which may be low."""
        return SHORT.subtract(self.usual, self.allowed) if self.kind is AnomalyKind.HOUR else None


@dataclass(frozen=True, slots=True, kw_only=True)
class Observed:
    """
    What a value brings.

    Attributes:
        pattern: to be kept for the next one.
        score: of the value, above 1 for an anomaly; None while too little is known, or for a value
            of an hour that is over.
        anomalies: at most two: the hour before, and the value.
    """

    pattern: Pattern
    score: Decimal | None = None
    anomalies: tuple[Anomaly, ...] = ()


def observe(
    pattern: Pattern,
    value: Decimal,
    *,
    at: datetime,
    zone: str = "UTC",
    tolerance: Tolerance = _USUAL,
) -> Observed:
    """
    Return what to remember of a series after another value, and what is odd about it.

    Values of equal stretches (five minutes, an hour) are compared, those of nothing used included:
    what is not observed is not known.  Within an hour they come in any order; one of an hour that
    is over changes nothing.  Work for a value is constant, for the first of an hour it grows with
    the hours of a week.

    Args:
        pattern: what is remembered.
        value: used in a stretch; exact.
        at: when the stretch began, in UTC.
        zone: IANA name of the payer's zone, whose clock habits follow.
        tolerance: how far off is fine.

    Example:
        >>> from tallystick.kernel import instant
        >>> pattern, start = Pattern(), instant("2026-03-02T00:00:00Z")
        >>> for hour in range(48):
        ...     at = start + timedelta(hours=hour)
        ...     pattern = observe(pattern, Decimal(100), at=at).pattern
        >>> found = observe(pattern, Decimal(130), at=start + timedelta(hours=48))
        >>> [(one.kind.value, one.usual, one.allowed, one.score) for one in found.anomalies]
        [('value', Decimal('100'), Decimal('20.0'), Decimal('1.50'))]
    """
    hour = hour_of(at)
    if pattern.running is not None and hour < pattern.running.start:
        return Observed(pattern=pattern)
    closed = close_hour(pattern, at=at, zone=zone)
    running = closed.pattern.running or RunningHour(
        start=hour,
        count=0,
        total=_NOTHING,
        highest=value,
        expected=expect(closed.pattern.hours, hour, zone=zone, tolerance=tolerance),
    )
    judged = _above(value, running.expected)
    odd = judged is not None and judged.is_odd
    taken = msgspec.structs.replace(
        running,
        count=running.count + 1,
        total=EXACT.add(running.total, value),
        highest=max(running.highest, value),
        told=running.told or odd,
    )
    pattern = msgspec.structs.replace(closed.pattern, running=taken)
    found = closed.anomalies
    if judged is not None and odd:
        told = _Telling(kind=AnomalyKind.VALUE, at=at, told_at=at, zone=zone)
        found = (*found, _anomaly(pattern, judged, told))
        pattern = msgspec.structs.replace(pattern, told_at=at)
    return Observed(pattern=pattern, score=judged.score if judged else None, anomalies=found)


def close_hour(pattern: Pattern, *, at: datetime, zone: str = "UTC") -> Observed:
    """
    Return what to remember once the running hour is over, and what was odd about it.

    `observe` does so with the first value of a later hour; whoever wants to know sooner asks by the
    clock.  Before the end of the hour nothing happens.

    Args:
        pattern: what is remembered.
        at: the present.
        zone: IANA name of the payer's zone.
    """
    running, hour = pattern.running, hour_of(at)
    if running is None or hour <= running.start:
        return Observed(pattern=pattern)
    mean = SHORT.divide(running.total, Decimal(running.count))
    judged = _off(mean, running.expected)
    kept = with_hour(pattern.hours, _remembered(running, mean), at=hour)
    closed = msgspec.structs.replace(pattern, hours=kept, running=None)
    if judged is None or not judged.is_odd or running.told:
        return Observed(pattern=closed)
    start = hour_start(running.start)
    told = _Telling(kind=AnomalyKind.HOUR, at=start, told_at=at, zone=zone)
    return Observed(
        pattern=msgspec.structs.replace(closed, told_at=at),
        anomalies=(_anomaly(pattern, judged, told),),
    )


def most_at(
    pattern: Pattern, *, at: datetime, zone: str = "UTC", tolerance: Tolerance = _USUAL
) -> Decimal | None:
    """
    Return the highest value of the hour of an instant that would not be told.

    None while too little is known, and while an hour runs: nothing is expected of the next one
    before that is over.

    Args:
        pattern: what is remembered.
        at: within the hour, in UTC.
        zone: IANA name of the payer's zone.
        tolerance: how far off is fine.

    Example:
        >>> from tallystick.kernel import instant
        >>> pattern, start = Pattern(), instant("2026-03-02T00:00:00Z")
        >>> for hour in range(48):
        ...     at = start + timedelta(hours=hour)
        ...     pattern = observe(pattern, Decimal(100), at=at).pattern
        >>> at = start + timedelta(hours=48)
        >>> most_at(close_hour(pattern, at=at).pattern, at=at)
        Decimal('120.0')
    """
    if pattern.running is not None:
        return None
    return highest_usual(pattern.hours, hour_of(at), zone=zone, tolerance=tolerance)


@dataclass(frozen=True, slots=True, kw_only=True)
class _Judged:
    """How far a figure lies off what is expected, beside how far is fine."""

    seen: Decimal
    expected: Expectation
    distance: Decimal
    allowed: Decimal

    @property
    def is_odd(self) -> bool:
        return self.distance > self.allowed

    @property
    def score(self) -> Decimal:
        if not self.allowed:
            return _SCORE_MAX if self.distance else _NOTHING
        exact = min(SHORT.divide(self.distance, self.allowed), _SCORE_MAX)
        return exact.quantize(_CENT, rounding=ROUND_HALF_UP, context=SHORT)


@dataclass(frozen=True, slots=True, kw_only=True)
class _Telling:
    """Of what an anomaly tells, and when."""

    kind: AnomalyKind
    at: datetime
    told_at: datetime
    zone: str


def _above(value: Decimal, expected: Expectation | None) -> _Judged | None:
    if expected is None or expected.top_allowed is None:
        return None
    distance = max(SHORT.subtract(value, expected.usual), _NOTHING)
    return _Judged(seen=value, expected=expected, distance=distance, allowed=expected.top_allowed)


def _off(mean: Decimal, expected: Expectation | None) -> _Judged | None:
    if expected is None or expected.mean_allowed is None:
        return None
    return _Judged(
        seen=mean,
        expected=expected,
        distance=abs(SHORT.subtract(mean, expected.usual)),
        allowed=expected.mean_allowed,
    )


def _remembered(running: RunningHour, mean: Decimal) -> SeenHour:
    """Return an hour as it is kept; nothing of it lies more than twice what is allowed away."""
    expected, swing, top = running.expected, mean, running.highest
    if expected is None:
        return SeenHour(
            start=running.start,
            mean=short(mean),
            swing=_NOTHING,
            top=short(SHORT.subtract(top, mean)),
        )
    if expected.mean_allowed:
        room = SHORT.multiply(_RESTRAINT, expected.mean_allowed)
        least, most = SHORT.subtract(expected.usual, room), SHORT.add(expected.usual, room)
        swing = min(max(swing, least), most)
    if expected.top_allowed:
        room = SHORT.multiply(_RESTRAINT, expected.top_allowed)
        top = min(top, SHORT.add(expected.usual, room))
    return SeenHour(
        start=running.start,
        mean=short(mean),
        swing=short(SHORT.subtract(swing, expected.level)),
        top=short(SHORT.subtract(top, expected.level)),
    )


def _anomaly(pattern: Pattern, judged: _Judged, telling: _Telling) -> Anomaly:
    last = pattern.told_at
    return Anomaly(
        kind=telling.kind,
        at=telling.at,
        told_at=telling.told_at,
        seen=judged.seen,
        usual=judged.expected.usual,
        allowed=judged.allowed,
        score=judged.score,
        opens=last is None or telling.told_at - last > CALM,
        before=same_hours(pattern.hours, hour_of(telling.at), zone=telling.zone),
    )

"""
When a limit is reached at current growth, and what a period will come to.

A *total* (calls in a month) grows by what the line of daily usage says for each day that is left;
within a day evenly, so that what is left of today counts for its share.  It may be off by 1.2816
standard deviations of a day, times the root of the days: four times of five it is not further off,
as far as days do not depend on each other and the line itself is right.

    847,293 of 1,000,000 at the beginning of 22 March, 46,947 expected on that day, 600 more each
    day: 941,787 after two days, 989,934 after three; reached on 25 March, some hours past midnight

A *level* (bytes in use) goes on from where it stands by the slope of its trend; without a rising
trend it reaches nothing.  It may go as fast as the third quartile of the slopes of all pairs of its
days, or as slowly as the first.

What is used up, as credit, is a total of nothing with the balance as its limit.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from decimal import Decimal

from tallystick.forecasting.line import Line
from tallystick.forecasting.ordered import SHORT, quartiles
from tallystick.forecasting.trend import DAYS_MAX, DailyUsage, Direction, slopes_of, trend_of
from tallystick.kernel import Interval, IntervalUnit, Misuse, Period, boundary, time_zone

FOUR_OF_FIVE = Decimal("1.2816")
_DAY = Interval(count=1, of=IntervalUnit.DAY)
_NOTHING = Decimal(0)


@dataclass(frozen=True, slots=True, kw_only=True)
class Standing:
    """
    Where usage stands at an instant.

    Attributes:
        value: the total since the period began, or the level; exact.
        limit: to be reached; None: there is none.
        at: the instant, in UTC.
        end: until when is looked ahead, in UTC; the end of the period.
        zone: IANA name of the zone whose days count, the payer's.

    Raises:
        Misuse: an end more than 400 days ahead, or an unknown zone.
    """

    value: Decimal
    limit: Decimal | None
    at: datetime
    end: datetime
    zone: str

    def __post_init__(self) -> None:
        """Refuse to look further ahead than anything was seen for."""
        time_zone(self.zone)
        if self.end - self.at > timedelta(days=DAYS_MAX):
            raise Misuse(f"{self.end - self.at} ahead, {DAYS_MAX} days at most")


@dataclass(frozen=True, slots=True, kw_only=True)
class Projection:
    """
    How usage goes on.

    Attributes:
        at_end: the value expected at the end, to 12 digits.
        reached_at: when the limit is reached; None: not before the end, or there is none.
        reached_on: the local day of it.
        earliest, latest: the local days between which it may be; None: not before the end.
    """

    at_end: Decimal
    reached_at: datetime | None = None
    reached_on: date | None = None
    earliest: date | None = None
    latest: date | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class _Stretch:
    """What is left of a local day: its share of the day, and all days up to its end."""

    day: date
    start: datetime
    end: datetime
    share: Decimal
    days: Decimal


def project_total(line: Line, standing: Standing) -> Projection:
    """
    Return how a total goes on along a line of daily usage.

    Example:
        >>> from tallystick.kernel import instant
        >>> line = Line(origin=date(2026, 3, 1), start=Decimal(34347), slope=Decimal(600),
        ...             spread=Decimal(1000), days=21)
        >>> found = project_total(line, Standing(
        ...     value=Decimal(847293), limit=Decimal(1000000), at=instant("2026-03-22T00:00:00Z"),
        ...     end=instant("2026-04-01T00:00:00Z"), zone="UTC"))
        >>> found.reached_on.isoformat(), found.earliest.isoformat(), found.latest.isoformat()
        ('2026-03-25', '2026-03-25', '2026-03-25')
        >>> found.at_end
        Decimal('1343763')
    """
    steps, total = [], standing.value
    for stretch in _stretches(standing):
        after = SHORT.add(total, SHORT.multiply(line.on(stretch.day), stretch.share))
        spread = SHORT.multiply(line.spread, SHORT.sqrt(stretch.days))
        room = SHORT.multiply(FOUR_OF_FIVE, spread)
        low, high = SHORT.subtract(after, room), SHORT.add(after, room)
        steps.append(_Step(stretch=stretch, before=total, after=after, low=low, high=high))
        total = after
    return _projection(standing, steps)


def project_level(usage: DailyUsage, standing: Standing) -> Projection:
    """
    Return how a level goes on by the trend of its days.

    Example:
        >>> from tallystick.kernel import instant
        >>> days = tuple(Decimal(50 + n) for n in range(10))
        >>> disk = DailyUsage(first=date(2026, 3, 1), values=days)
        >>> found = project_level(disk, Standing(
        ...     value=Decimal(59), limit=Decimal(70), at=instant("2026-03-11T00:00:00Z"),
        ...     end=instant("2026-04-01T00:00:00Z"), zone="UTC"))
        >>> found.reached_on.isoformat(), found.at_end
        ('2026-03-21', Decimal('80'))
    """
    trend = trend_of(usage)
    slope = _NOTHING if trend is None or trend.direction is Direction.STABLE else trend.slope
    slow, fast = quartiles(slopes_of(usage.known)) if slope else (slope, slope)
    steps, level = [], standing.value
    for stretch in _stretches(standing):
        low, after, high = (_moved(standing, each, stretch.days) for each in (slow, slope, fast))
        steps.append(_Step(stretch=stretch, before=level, after=after, low=low, high=high))
        level = after
    return _projection(standing, steps)


def _moved(standing: Standing, slope: Decimal, days: Decimal) -> Decimal:
    return max(SHORT.add(standing.value, SHORT.multiply(slope, days)), _NOTHING)


@dataclass(frozen=True, slots=True, kw_only=True)
class _Step:
    """What stands before and after a stretch, and between which figures it may be after."""

    stretch: _Stretch
    before: Decimal
    after: Decimal
    low: Decimal
    high: Decimal


def _stretches(standing: Standing) -> Iterator[_Stretch]:
    """Yield what is left of each local day until the end."""
    start, days = standing.at, _NOTHING
    while start < standing.end:
        day = start.astimezone(time_zone(standing.zone)).date()
        midnight, end_of_day = (boundary(day, _DAY, k, standing.zone) for k in (0, 1))
        end = min(end_of_day, standing.end)
        share = SHORT.divide(
            Period(start=start, end=end).seconds, Period(start=midnight, end=end_of_day).seconds
        )
        days = SHORT.add(days, share)
        yield _Stretch(day=day, start=start, end=end, share=share, days=days)
        start = end


def _projection(standing: Standing, steps: list[_Step]) -> Projection:
    at_end, limit = steps[-1].after if steps else standing.value, standing.limit
    if limit is None:
        return Projection(at_end=at_end)
    if standing.value >= limit:
        today = standing.at.astimezone(time_zone(standing.zone)).date()
        return Projection(
            at_end=at_end, reached_at=standing.at, reached_on=today, earliest=today, latest=today
        )
    reached = next((one for one in steps if one.after >= limit), None)
    return Projection(
        at_end=at_end,
        reached_at=_within(reached, limit) if reached else None,
        reached_on=reached.stretch.day if reached else None,
        earliest=next((one.stretch.day for one in steps if one.high >= limit), None),
        latest=next((one.stretch.day for one in steps if one.low >= limit), None),
    )


def _within(step: _Step, limit: Decimal) -> datetime:
    """Return when within a stretch a limit is reached, usage being even."""
    share = SHORT.divide(
        SHORT.subtract(limit, step.before), SHORT.subtract(step.after, step.before)
    )
    seconds = Period(start=step.stretch.start, end=step.stretch.end).seconds
    return step.stretch.start + timedelta(seconds=int(SHORT.multiply(share, seconds)))

"""
Where periods begin: anchor plus k intervals, at local midnight of an IANA zone.

The k-th boundary is counted from the original anchor, never from the boundary before, and its day
is clamped to the month's last. An anchor of January 31 therefore gives February 28, March 31, April
30: it does not drift. Period k is half-open from boundary k to boundary k + 1, so periods tile
time.

    anchor 2026-01-31, month, zone UTC:  k = 0 January 31, k = 1 February 28, k = 2 March 31
    anchor 2026-03-01, day, Europe/Berlin: 2026-03-29 has 23 hours

Hours are elapsed hours from the anchor's local midnight: the hour that a clock repeats in autumn is
two periods. A midnight which the clock skips is read on the clock before the jump; one that it
shows twice is the first. A day that a zone leaves out altogether (Apia, 2011-12-30) has no length,
and no instant falls into it.

Source: zone rules from the pinned tz database; the rule is decided in the project's semantics.
"""

import re
from calendar import monthrange
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from enum import StrEnum
from functools import cache, lru_cache
from importlib.resources import files
from zoneinfo import ZoneInfo

from tallystick.kernel.errors import Misuse
from tallystick.kernel.time import Period, micros

_ZONE_NAME = re.compile(r"[A-Za-z][A-Za-z0-9_+-]*(?:/[A-Za-z0-9_+-]+)*")
_MIDNIGHT = time(0, 0)
_MICROS_PER_HOUR = 3_600_000_000
_DAYS_PER_WEEK = 7
_MONTHS_PER_YEAR = 12
_BOUNDARIES_KEPT = 10_000


class IntervalUnit(StrEnum):
    """What an interval is counted in."""

    HOUR = "hour"
    DAY = "day"
    WEEK = "week"
    MONTH = "month"
    QUARTER = "quarter"
    HALF_YEAR = "half_year"
    YEAR = "year"


_MONTHS = {
    IntervalUnit.MONTH: 1,
    IntervalUnit.QUARTER: 3,
    IntervalUnit.HALF_YEAR: 6,
    IntervalUnit.YEAR: 12,
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Interval:
    """
    A number of hours, days, weeks, months, quarters, half-years or years.

    Raises:
        Misuse: fewer than one or more than 1,000.
    """

    count: int
    of: IntervalUnit

    COUNT_MAX = 1000

    def __post_init__(self) -> None:
        """Refuse intervals that do not advance or that no contract has."""
        if not 1 <= self.count <= self.COUNT_MAX:
            raise Misuse(
                f"an interval counts 1 to {self.COUNT_MAX} {self.of.value}s, not {self.count}"
            )


@cache
def time_zone(name: str) -> ZoneInfo:
    """
    Return the zone of an IANA name, with the rules of the pinned ``tzdata`` package.

    What the operating system knows of zones is not asked: two machines must cut periods alike.

    Raises:
        Misuse: no such zone.
    """
    if not _ZONE_NAME.fullmatch(name):
        raise Misuse(f"{name[:60]!r} is not an IANA time zone such as Europe/Berlin")
    rules = files("tzdata").joinpath("zoneinfo", *name.split("/"))
    try:
        with rules.open("rb") as file:
            return ZoneInfo.from_file(file, key=name)
    except (ValueError, OSError) as error:
        raise Misuse(f"{name[:60]!r} is not an IANA time zone such as Europe/Berlin") from error


@lru_cache(_BOUNDARIES_KEPT)
def boundary(anchor: date, interval: Interval, k: int, zone: str) -> datetime:
    """
    Return the instant at which period k begins: local midnight of anchor + k intervals, in UTC.

    Args:
        anchor: the local date from which all boundaries are counted.
        interval: the length of a period.
        k: which boundary; 0 is the anchor itself, negative ones lie before it.
        zone: IANA name of the zone whose midnight counts.

    Raises:
        Misuse: unknown zone, or a boundary outside the years 1 to 9999.

    Example:
        >>> month = Interval(count=1, of=IntervalUnit.MONTH)
        >>> boundary(date(2026, 1, 31), month, 1, "Europe/Berlin").isoformat()
        '2026-02-27T23:00:00+00:00'
    """
    place = time_zone(zone)
    steps = k * interval.count
    try:
        if interval.of is IntervalUnit.HOUR:
            return _local_midnight(anchor, place) + timedelta(hours=steps)
        return _local_midnight(_advance(anchor, steps, interval.of), place)
    except (OverflowError, ValueError) as error:
        raise Misuse(f"boundary {k} from {anchor} lies outside the years 1 to 9999") from error


def period_at(at: datetime, *, anchor: date, interval: Interval, zone: str) -> Period:
    """
    Return the period which contains an instant, before or after the anchor.

    Raises:
        Misuse: unknown zone, an instant not in UTC, or outside the years 1 to 9999.

    Example:
        >>> from tallystick.kernel.time import instant
        >>> month = Interval(count=1, of=IntervalUnit.MONTH)
        >>> at = instant("2026-03-30T12:00:00Z")
        >>> print(period_at(at, anchor=date(2026, 1, 31), interval=month, zone="UTC"))
        [2026-02-28T00:00:00.000000Z, 2026-03-31T00:00:00.000000Z)
    """
    k = index_at(at, anchor=anchor, interval=interval, zone=zone)
    return Period(
        start=boundary(anchor, interval, k, zone), end=boundary(anchor, interval, k + 1, zone)
    )


def index_at(at: datetime, *, anchor: date, interval: Interval, zone: str) -> int:
    """
    Return the index of the last boundary at or before an instant, without walking from the anchor.

    Raises:
        Misuse: as `period_at`.

    Example:
        >>> from tallystick.kernel.time import instant
        >>> hour = Interval(count=1, of=IntervalUnit.HOUR)
        >>> index_at(instant("2026-01-01T02:59:00Z"), anchor=date(2026, 1, 1), interval=hour,
        ...          zone="UTC")
        2
    """
    k = _nearest_index(at, anchor=anchor, interval=interval, zone=zone)
    while boundary(anchor, interval, k, zone) > at:
        k -= 1
    while boundary(anchor, interval, k + 1, zone) <= at:
        k += 1
    return k


def calendar_anchor(day: date, interval: Interval) -> date:
    """
    Return the anchor that aligns periods with the calendar around a day.

    The first day of the month, quarter, half-year or year, the Monday of the week (ISO 8601), the
    day itself for days and hours. Several months that divide a year evenly are counted from
    January; other multiples begin with the unit that contains the day.

    Example:
        >>> calendar_anchor(date(2026, 8, 20), Interval(count=1, of=IntervalUnit.QUARTER))
        datetime.date(2026, 7, 1)
    """
    if interval.of is IntervalUnit.WEEK:
        return day - timedelta(days=day.weekday())
    if interval.of not in _MONTHS:
        return day
    months = _MONTHS[interval.of]
    if _MONTHS_PER_YEAR % (months * interval.count) == 0:
        months *= interval.count
    return date(day.year, (day.month - 1) // months * months + 1, 1)


def _local_midnight(day: date, zone: ZoneInfo) -> datetime:
    return datetime.combine(day, _MIDNIGHT, tzinfo=zone).astimezone(UTC)


def _advance(anchor: date, steps: int, of: IntervalUnit) -> date:
    if of not in _MONTHS:
        return anchor + timedelta(days=steps * (_DAYS_PER_WEEK if of is IntervalUnit.WEEK else 1))
    months = anchor.year * _MONTHS_PER_YEAR + anchor.month - 1 + steps * _MONTHS[of]
    year, month = divmod(months, _MONTHS_PER_YEAR)
    return date(year, month + 1, min(anchor.day, monthrange(year, month + 1)[1]))


def _nearest_index(at: datetime, *, anchor: date, interval: Interval, zone: str) -> int:
    """Return an index at most a few away from the one wanted, without walking from the anchor."""
    if interval.of is IntervalUnit.HOUR:
        elapsed = micros(at) - micros(boundary(anchor, interval, 0, zone))
        return elapsed // (_MICROS_PER_HOUR * interval.count)
    local = at.astimezone(time_zone(zone)).date()
    if interval.of in _MONTHS:
        months = (local.year - anchor.year) * _MONTHS_PER_YEAR + local.month - anchor.month
        return months // (_MONTHS[interval.of] * interval.count)
    days = _DAYS_PER_WEEK if interval.of is IntervalUnit.WEEK else 1
    return (local - anchor).days // (days * interval.count)

"""
The earlier period that usage is compared with.

*Previous* is what lies directly before and is as long: as many calendar months where whole months
of the zone are asked for, as many local days where whole days are, else the same time that passed.
*A year before* is the same local dates and times one year earlier; February 29 becomes the 28th.

    March 2026, Europe/Berlin        previous: February 2026         a year before: March 2025
    2026-03-29 (23 hours)            previous: 2026-03-28 (24 hours)
    2026-03-01T06:00 to 09:00        previous: 03:00 to 06:00
"""

from datetime import UTC, date, datetime, time
from enum import StrEnum

from tallystick.kernel import Interval, IntervalUnit, Period, boundary, time_zone

_MIDNIGHT = time(0)
_MONTHS_PER_YEAR = 12
_LEAP_DAY = (2, 29)


class Earlier(StrEnum):
    """Which period to compare with; ``explicit`` is named by its own start and end."""

    PREVIOUS = "previous"
    YEAR_BEFORE = "year_before"
    EXPLICIT = "explicit"


def previous_period(span: Period, zone: str) -> Period:
    """
    Return the period directly before another, as long in the calendar of the zone.

    Raises:
        Misuse: unknown zone, or a period that begins before the year 1.

    Example:
        >>> from tallystick.kernel import instant
        >>> march = Period(
        ...     start=instant("2026-03-01T00:00:00Z"), end=instant("2026-04-01T00:00:00Z")
        ... )
        >>> print(previous_period(march, "UTC"))
        [2026-02-01T00:00:00.000000Z, 2026-03-01T00:00:00.000000Z)
    """
    place = time_zone(zone)
    start, end = span.start.astimezone(place), span.end.astimezone(place)
    if start.time() != _MIDNIGHT or end.time() != _MIDNIGHT:
        return Period(start=span.start - (span.end - span.start), end=span.start)
    first, behind = start.date(), end.date()
    months = _months(behind) - _months(first)
    if first.day == behind.day == 1 and months:
        unit, steps = IntervalUnit.MONTH, months
    else:
        unit, steps = IntervalUnit.DAY, (behind - first).days
    begin = boundary(first, Interval(count=1, of=unit), -steps, zone)
    return Period(start=begin, end=span.start)


def year_before(span: Period, zone: str) -> Period:
    """
    Return the same local dates and times one year earlier; never empty.

    Where the end would not lie behind the start (both fall on a day that the earlier year lacks),
    the length is kept instead.

    Raises:
        Misuse: unknown zone.

    Example:
        >>> from tallystick.kernel import instant
        >>> leap = Period(
        ...     start=instant("2024-02-28T00:00:00Z"), end=instant("2024-02-29T00:00:00Z")
        ... )
        >>> print(year_before(leap, "UTC"))
        [2023-02-28T00:00:00.000000Z, 2023-03-01T00:00:00.000000Z)
    """
    start, end = _year_earlier(span.start, zone), _year_earlier(span.end, zone)
    return Period(start=start, end=end if end > start else start + (span.end - span.start))


def _year_earlier(at: datetime, zone: str) -> datetime:
    local = at.astimezone(time_zone(zone))
    day = 28 if (local.month, local.day) == _LEAP_DAY else local.day
    return local.replace(year=local.year - 1, day=day).astimezone(UTC)


def _months(day: date) -> int:
    return day.year * _MONTHS_PER_YEAR + day.month

"""
Cuts: the sub-windows into which a peak meter's window falls.

They begin at the quarter-hours, hours, days, weeks (Monday) or months of the window's zone, as that
zone counted then: a day of 23 hours is one sub-window. Hours and quarter-hours are elapsed time
from each local midnight, so the hour which a clock repeats is two.
"""

from bisect import bisect_left, bisect_right
from collections.abc import Iterator
from datetime import datetime, timedelta

from tallystick.kernel import (
    Interval,
    IntervalUnit,
    Misuse,
    Period,
    boundary,
    calendar_anchor,
    micros,
    time_zone,
)
from tallystick.metering.meter import PeakPer

CUTS_MAX = 40_000
"""Of one window: a year of quarter-hours."""

_STEPS = {PeakPer.QUARTER_HOUR: timedelta(minutes=15), PeakPer.HOUR: timedelta(hours=1)}


def cuts_of(window: Period, per: PeakPer, zone: str) -> tuple[int, ...]:
    """
    Return the microseconds at which the sub-windows of a window begin; the first is its start.

    Raises:
        Misuse: an unknown zone, or more than 40,000 sub-windows.

    Example:
        >>> from tallystick.kernel import instant
        >>> spring = Period(
        ...     start=instant("2026-03-29T00:30:00Z"), end=instant("2026-03-31T00:00:00Z"))
        >>> len(cuts_of(spring, PeakPer.DAY, "Europe/Berlin"))
        3
    """
    first, end = micros(window.start), micros(window.end)
    found = [first]
    for start in _starts(window, per, zone):
        if start >= end:
            return tuple(found)
        if len(found) == CUTS_MAX:
            raise Misuse(f"more than {CUTS_MAX} sub-windows; ask for less time")
        if start > first:
            found.append(start)
    return tuple(found)


def cut_index(cuts: tuple[int, ...], at: int) -> int:
    """
    Return which sub-window an instant of the window lies in, from 0.

    Example:
        >>> cut_index((0, 10, 20), 10)
        1
    """
    return bisect_right(cuts, at) - 1


def cuts_begun(cuts: tuple[int, ...], until: int | None) -> int:
    """
    Return how many sub-windows have begun before an instant, but at least one.

    Example:
        >>> cuts_begun((0, 10, 20), 10), cuts_begun((0, 10, 20), None)
        (1, 3)
    """
    return len(cuts) if until is None else max(1, bisect_left(cuts, until))


def _starts(window: Period, per: PeakPer, zone: str) -> Iterator[int]:
    """Yield where sub-windows begin, from before the window on, without end."""
    step = _STEPS.get(per)
    interval = Interval(count=1, of=IntervalUnit.DAY if step else IntervalUnit(per.value))
    anchor = calendar_anchor(window.start.astimezone(time_zone(zone)).date(), interval)
    k, start = 0, boundary(anchor, interval, 0, zone)
    while True:
        end = boundary(anchor, interval, k + 1, zone)
        yield from map(micros, _grid(start, end, step or end - start))
        k, start = k + 1, end


def _grid(start: datetime, end: datetime, step: timedelta) -> Iterator[datetime]:
    while start < end:
        yield start
        start += step

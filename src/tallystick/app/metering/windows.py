"""Windows of a zone: the hours, days, weeks, months, quarters or years of a span, cut to it."""

from enum import StrEnum

from tallystick.kernel import (
    Interval,
    IntervalUnit,
    Period,
    boundary,
    calendar_anchor,
    time_zone,
)

WINDOWS_MAX = 1000


class WindowSize(StrEnum):
    """How long a window is; ``total`` is one window over all that is asked for."""

    HOUR = "hour"
    DAY = "day"
    WEEK = "week"
    MONTH = "month"
    QUARTER = "quarter"
    YEAR = "year"
    TOTAL = "total"


_INTERVALS = {
    size: Interval(count=1, of=IntervalUnit(size))
    for size in WindowSize
    if size != WindowSize.TOTAL
}


def windows_of(span: Period, size: WindowSize, zone: str) -> tuple[Period, ...] | None:
    """
    Return the windows that tile a span of time, or None when they are more than 1,000.

    They begin at the zone's local hours or midnights, weeks on Monday; the first and the last are
    cut to the span. A day that the zone leaves out has no window.

    Raises:
        Misuse: unknown zone.

    Example:
        >>> from tallystick.kernel import instant
        >>> start, end = instant("2026-03-28T12:00:00Z"), instant("2026-03-30T00:00:00Z")
        >>> days = windows_of(Period(start=start, end=end), WindowSize.DAY, "Europe/Berlin")
        >>> [int(day.seconds) // 3600 for day in days]
        [11, 23, 2]
    """
    place = time_zone(zone)
    if size is WindowSize.TOTAL:
        return (span,)
    interval = _INTERVALS[size]
    anchor = calendar_anchor(span.start.astimezone(place).date(), interval)
    windows: list[Period] = []
    k, start = 0, boundary(anchor, interval, 0, zone)
    while start < span.end and len(windows) <= WINDOWS_MAX:
        k, end = k + 1, boundary(anchor, interval, k + 1, zone)
        if max(start, span.start) < min(end, span.end):
            windows.append(Period(start=max(start, span.start), end=min(end, span.end)))
        start = end
    return tuple(windows) if len(windows) <= WINDOWS_MAX else None

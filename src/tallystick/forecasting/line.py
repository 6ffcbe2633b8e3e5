"""
The line on which daily usage goes on.

Days outside of the fences (half as far again as the distance of the quartiles, below the first and
above the third) are dropped; their place in time is kept.  Of the rest at least eight must be left.
The slope is the trend's where there is one, else nothing; the line runs through the mean of the
days, so that its sum is theirs.  It never falls below nothing.

    10, 11, ..., 17, 100     quartiles 12 and 16: 100 is above 22, dropped; the day after it 19
    10, 11, ..., 16, 100     seven days are left: no line

The spread is that of the days around the line, as a standard deviation that a few wild days do not
move: 1.4826 times the median distance.
"""

from dataclasses import dataclass, replace
from datetime import date
from decimal import Decimal

from tallystick.forecasting.ordered import SHORT, median, quartiles
from tallystick.forecasting.trend import DailyUsage, Direction, trend_of

LINE_DAYS_LEAST = 8
_FENCE = Decimal("1.5")
_NORMAL = Decimal("1.4826")
_NOTHING = Decimal(0)


@dataclass(frozen=True, slots=True, kw_only=True)
class Line:
    """
    What a day is expected to use.

    Attributes:
        origin: the day that ``start`` is of.
        start: usage on that day by the line; may be below 0.
        slope: more for each day.
        spread: the standard deviation of one day around the line.
        days: how many days it was drawn through.
    """

    origin: date
    start: Decimal
    slope: Decimal
    spread: Decimal
    days: int

    def on(self, day: date) -> Decimal:
        """
        Return the usage expected on a day, 0 or more.

        Example:
            >>> line = Line(origin=date(2026, 3, 1), start=Decimal(30), slope=Decimal(-1),
            ...             spread=Decimal(0), days=30)
            >>> line.on(date(2026, 3, 2)), line.on(date(2026, 4, 10))
            (Decimal('29'), Decimal('0'))
        """
        steps = SHORT.multiply(self.slope, Decimal((day - self.origin).days))
        return max(SHORT.add(self.start, steps), _NOTHING)


def draw_line(usage: DailyUsage) -> Line | None:
    """
    Return the line on which daily usage goes on; None where too few days are left.

    Example:
        >>> days = tuple(Decimal(n) for n in (*range(10, 18), 100))
        >>> line = draw_line(DailyUsage(first=date(2026, 3, 1), values=days))
        >>> line.slope, line.on(date(2026, 3, 10)), line.spread
        (Decimal('1'), Decimal('19'), Decimal('0.0000'))
    """
    kept = without_outliers(usage)
    known, trend = kept.known, trend_of(kept)
    if len(known) < LINE_DAYS_LEAST or trend is None:
        return None
    slope = _NOTHING if trend.direction is Direction.STABLE else trend.slope
    rests = [SHORT.subtract(value, SHORT.multiply(slope, Decimal(day))) for day, value in known]
    start = _mean(rests)
    off = median([abs(SHORT.subtract(rest, start)) for rest in rests])
    return Line(
        origin=usage.first,
        start=start,
        slope=slope,
        spread=SHORT.multiply(_NORMAL, off),
        days=len(known),
    )


def without_outliers(usage: DailyUsage) -> DailyUsage:
    """Return the same days without those outside of the fences, which are not known then."""
    values = [value for _, value in usage.known]
    if not values:
        return usage
    first, third = quartiles(values)
    room = SHORT.multiply(_FENCE, SHORT.subtract(third, first))
    least, most = SHORT.subtract(first, room), SHORT.add(third, room)
    kept = (
        value if value is not None and least <= value <= most else None for value in usage.values
    )
    return replace(usage, values=tuple(kept))


def _mean(values: list[Decimal]) -> Decimal:
    total = _NOTHING
    for value in values:
        total = SHORT.add(total, value)
    return SHORT.divide(total, Decimal(len(values)))

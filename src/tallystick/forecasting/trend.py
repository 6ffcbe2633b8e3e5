"""
Whether daily usage rises, falls or stays: by a stated test.

1. *Mann-Kendall*: S is the number of pairs of days of which the later is higher, minus those of
   which it is lower.  A trend is real where chance would rarely order days so: where
   (|S| - 1)^2 > 3.841459 x variance, which is the two-sided test at 5 % with the usual correction
   for continuity; the variance takes equal values into account.
2. *Theil-Sen*: the slope is the median of the slopes of all pairs of days.
3. *Dead band*: what the slope makes over the days seen must be at least 5 % of the middle value.

    10, 11, 12, 13, 14      S = 10: increasing, by 1 a day
    10, 11, 12, 13          S = 6: four days are ordered so by chance too often; stable
    1000, 1001, ..., 1020   increasing by the test, but by 2 % only: stable

Both are of ranks and medians: one wild day changes nothing.  Days that depend on each other, as
habits of the week do, are taken as if they did not.

Sources: Mann 1945 and Kendall 1975 for the test, Theil 1950 and Sen 1968 for the slope.
"""

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from decimal import Decimal
from enum import StrEnum
from itertools import combinations

from tallystick.forecasting.ordered import SHORT, median
from tallystick.kernel import Misuse

DAYS_MAX = 400
_DAYS_LEAST = 2
_CHI_SQUARE_5_PERCENT = Decimal("3.841459")
_DEAD_BAND = Decimal("0.05")
_NOTHING = Decimal(0)


class Direction(StrEnum):
    """Where usage goes."""

    INCREASING = "increasing"
    DECREASING = "decreasing"
    STABLE = "stable"


@dataclass(frozen=True, slots=True, kw_only=True)
class DailyUsage:
    """
    What was used, or what stood at the end, on consecutive local days that are over.

    Attributes:
        first: the first day.
        values: one for each day from it on, exact; None where it is not known.  400 at most.

    Raises:
        Misuse: more days than that.
    """

    first: date
    values: tuple[Decimal | None, ...]

    def __post_init__(self) -> None:
        """Refuse what would take long: all pairs of days are compared."""
        if len(self.values) > DAYS_MAX:
            raise Misuse(f"{len(self.values)} days, {DAYS_MAX} at most")

    @property
    def known(self) -> tuple[tuple[int, Decimal], ...]:
        """Return the days that are known, counted from the first as 0, with their values."""
        return tuple((day, value) for day, value in enumerate(self.values) if value is not None)

    @property
    def end(self) -> date:
        """Return the day after the last."""
        return self.first + timedelta(days=len(self.values))


@dataclass(frozen=True, slots=True, kw_only=True)
class Trend:
    """
    Where daily usage goes.

    Attributes:
        direction: by test and dead band.
        slope: more for each day, of the unit of usage; also where the direction is stable.
        days: how many days were known.
    """

    direction: Direction
    slope: Decimal
    days: int


def trend_of(usage: DailyUsage) -> Trend | None:
    """
    Return where daily usage goes; None for fewer than two days.

    Example:
        >>> days = tuple(Decimal(10 + n) for n in range(5))
        >>> found = trend_of(DailyUsage(first=date(2026, 3, 1), values=days))
        >>> found.direction.value, found.slope
        ('increasing', Decimal('1'))
    """
    known = usage.known
    if len(known) < _DAYS_LEAST:
        return None
    slope = median(slopes_of(known))
    direction = Direction.STABLE
    if slope and _is_ordered(known) and _is_wide(known, slope):
        direction = Direction.INCREASING if slope > 0 else Direction.DECREASING
    return Trend(direction=direction, slope=slope, days=len(known))


def slopes_of(known: Sequence[tuple[int, Decimal]]) -> list[Decimal]:
    """Return the slope between each two days, per day."""
    return [
        SHORT.divide(SHORT.subtract(later, earlier), Decimal(end - start))
        for (start, earlier), (end, later) in combinations(known, 2)
    ]


def _is_ordered(known: Sequence[tuple[int, Decimal]]) -> bool:
    """Tell whether days are ordered as chance rarely orders them."""
    values = [value for _, value in known]
    surplus = sum(
        (later > earlier) - (later < earlier) for earlier, later in combinations(values, 2)
    )
    ties = Counter(values).values()
    # Eighteen times the variance of the surplus, a whole number.
    variance = _spread(len(values)) - sum(_spread(count) for count in ties)
    beyond = Decimal(18 * max(abs(surplus) - 1, 0) ** 2)
    return beyond > SHORT.multiply(_CHI_SQUARE_5_PERCENT, Decimal(variance))


def _spread(count: int) -> int:
    return count * (count - 1) * (2 * count + 5)


def _is_wide(known: Sequence[tuple[int, Decimal]], slope: Decimal) -> bool:
    change = SHORT.multiply(slope, Decimal(known[-1][0] - known[0][0]))
    middle = median([value for _, value in known])
    return abs(change) >= SHORT.multiply(_DEAD_BAND, abs(middle))

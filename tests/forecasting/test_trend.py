"""Trends by a stated test, and the line on which usage goes on."""

from dataclasses import replace
from datetime import date
from decimal import Decimal
from itertools import combinations, permutations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tallystick.forecasting import DailyUsage, Direction, draw_line, trend_of
from tallystick.kernel import Misuse
from tests.forecasting.march import CALLS, DAYS, USED


def days(*values: str | float | None) -> DailyUsage:
    """Return usage on consecutive days from 1 March."""
    found = (None if value is None else Decimal(str(value)) for value in values)
    return DailyUsage(first=date(2026, 3, 1), values=tuple(found))


def direction(usage: DailyUsage) -> str:
    """Return where usage goes, by its word."""
    found = trend_of(usage)
    return found.direction.value if found else "unknown"


@pytest.mark.parametrize(
    ("values", "expected"),
    [
        ((), "unknown"),
        ((5,), "unknown"),
        ((10, 11, 12, 13), "stable"),
        ((10, 11, 12, 13, 14), "increasing"),
        ((14, 13, 12, 11, 10), "decreasing"),
        ((10, 11, 12, 14, 13), "stable"),
        ((7,) * 30, "stable"),
        ((0, 0, 0, 0, 1, 1, 1, 1), "increasing"),
        ((0, 0, 0, 1, 1, 1), "stable"),
        (tuple(range(1000, 1021)), "stable"),
        (tuple(range(1000, 1061)), "increasing"),
        ((1, 2, 3, 4, 5, 6, 7, 8, 9, 1000, 11, 12), "increasing"),
        ((10, None, 12, None, None, 15, 16, 17), "increasing"),
        ((1, 0, 0, 0, 0, 0, 0, 0, 0, 0), "stable"),
    ],
)
def test_a_direction_follows_from_test_and_dead_band(
    values: tuple[int | None, ...], expected: str
) -> None:
    """Five ordered days are a trend, four are chance; 2 % are none; wild days do not matter."""
    assert direction(days(*values)) == expected


def test_days_that_are_not_known_keep_their_place() -> None:
    """The slope is per day, also over gaps."""
    found = trend_of(days(10, None, None, 13, 14, None, 16))
    assert found is not None
    assert (found.slope, found.days) == (Decimal(1), 4)


def test_the_example_of_march_increases_by_600() -> None:
    """847,293 calls in 21 days, 600 more each day."""
    assert sum(CALLS) == USED
    found = trend_of(DAYS)
    assert found is not None
    assert (found.direction, found.slope) == (Direction.INCREASING, Decimal(600))


def test_one_order_of_twenty_is_taken_for_a_trend() -> None:
    """Of all orders of seven days at most 5 % are told to have a trend, and the straight ones."""
    orders = list(permutations(range(10, 17)))
    found = [order for order in orders if direction(days(*order)) != "stable"]
    assert len(found) <= len(orders) * 5 // 100
    assert tuple(range(10, 17)) in found


def test_a_line_is_level_unless_there_is_a_trend() -> None:
    """A slope that chance may have made is not drawn on; the days' spread is their own."""
    usage = days(10, 14, 11, 13, 12, 15, 11, 14)
    trend, line = trend_of(usage), draw_line(usage)
    assert trend is not None
    assert line is not None
    assert (trend.direction, trend.slope > 0) == (Direction.STABLE, True)
    assert line.slope == 0
    assert (line.start, line.spread) == (Decimal("12.5"), Decimal("2.22390"))


def test_more_than_400_days_are_refused() -> None:
    """All pairs are compared, which grows with the square."""
    assert direction(days(*range(400))) == "increasing"
    with pytest.raises(Misuse):
        days(*range(401))


series = st.lists(st.integers(0, 50), min_size=2, max_size=40)


@given(series)
def test_backwards_is_the_other_way(values: list[int]) -> None:
    """Reversed days have the opposite slope and direction."""
    one, other = trend_of(days(*values)), trend_of(days(*reversed(values)))
    assert one is not None
    assert other is not None
    assert one.slope == -other.slope
    opposite = {"increasing": "decreasing", "decreasing": "increasing", "stable": "stable"}
    assert other.direction.value == opposite[one.direction.value]


@given(series, st.integers(-5, 5))
def test_the_unit_of_a_trend_does_not_matter(values: list[int], places: int) -> None:
    """A thousand bytes rise as a kilobyte does."""
    usage = days(*values)
    scaled = tuple(one.scaleb(places) for one in usage.values if one is not None)
    assert direction(replace(usage, values=scaled)) == direction(usage)


@given(series)
def test_the_slope_is_the_middle_of_all_slopes(values: list[int]) -> None:
    """Half of the slopes of all pairs are not above it, and half not below."""
    found = trend_of(days(*values))
    assert found is not None
    off = Decimal("1e-9")
    slopes = [Decimal(b - a) / (y - x) for (x, a), (y, b) in combinations(enumerate(values), 2)]
    assert 2 * sum(slope <= found.slope + off for slope in slopes) >= len(slopes)
    assert 2 * sum(slope >= found.slope - off for slope in slopes) >= len(slopes)


@given(st.lists(st.integers(90, 110), min_size=8, max_size=60))
def test_a_line_uses_what_its_days_used(values: list[int]) -> None:
    """Over the days that it is drawn through, the line adds up to what they add up to."""
    line = draw_line(days(*values))
    if line is None or line.days < len(values):
        return
    span = (date.fromordinal(line.origin.toordinal() + n) for n in range(len(values)))
    total = sum((line.on(day) for day in span), Decimal(0))
    assert abs(total - sum(values)) < Decimal("1e-6")

"""What is told of usage that is not as it was, and what is not."""

from datetime import datetime, timedelta
from decimal import Decimal

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from tallystick.forecasting import Pattern, Tolerance, close_hour, observe
from tallystick.kernel import instant, time_zone
from tests.forecasting.observing import HOUR, MONDAY, Series, follow, hourly, told

DAY = timedelta(days=1)


def office(at: datetime) -> int:
    """Return the usage of people who work from 8 to 18, and little at night."""
    return 900 + at.hour if 8 <= at.hour < 18 else 100 + at.hour


def with_value(series: Series, at: datetime, value: int) -> Series:
    """Return a series in which one value is another."""
    assert at in dict(series)
    return [(when, Decimal(value) if when == at else seen) for when, seen in series]


def test_nothing_is_told_in_the_first_two_days() -> None:
    """Whatever comes in 48 hours, what is usual is not known yet; then it is."""
    series = hourly(49, lambda _: 100)
    assert told(with_value(series, MONDAY + 47 * HOUR, 9000)) == []
    assert told(with_value(series, MONDAY + 48 * HOUR, 9000)) == ["value 04 00:00"]


@pytest.mark.parametrize(
    ("days", "hour", "value", "expected"),
    [
        (2, 3, 920, ["value 04 03:00"]),
        (2, 12, 920, []),
        (2, 12, 2000, ["value 04 12:00"]),
        (5, 3, 920, ["value 07 03:00"]),
        (5, 12, 100, ["hour 07 12:00"]),
        (5, 3, 110, []),
    ],
)
def test_habits_of_the_day_are_known_after_two(
    days: int, hour: int, value: int, expected: list[str]
) -> None:
    """Office usage at noon is usual; at night it is told, also where more would be fine at noon."""
    series = hourly(24 * 7, office)
    assert told(with_value(series, MONDAY + days * DAY + hour * HOUR, value)) == expected


def test_habits_of_the_week_are_known_after_one() -> None:
    """The first quiet weekend is told, the second is as the one a week before; so are Mondays."""

    def working(at: datetime) -> int:
        return 100 if at.weekday() >= 5 else office(at)

    days = {text.split()[1] for text in told(hourly(24 * 21, working))}
    assert days
    assert days <= {"07", "08"}


def test_habits_keep_their_hour_when_clocks_change() -> None:
    """Work begins at 8 in Berlin before and after 29 March; a clock of UTC would be surprised."""

    def berlin(at: datetime) -> int:
        return office(at.astimezone(time_zone("Europe/Berlin")))

    series = hourly(24 * 14, berlin, start=instant("2026-03-20T00:00:00Z"))
    assert told(series, zone="Europe/Berlin") == []
    assert told(series) != []


def test_a_low_value_is_a_pause_and_a_low_hour_is_told() -> None:
    """Of twelve values one may be 0; all of them may not."""
    start = MONDAY + 2 * DAY
    calm = hourly(48, lambda _: 100)
    one = [(start + n * HOUR / 12, Decimal(0 if n == 5 else 100)) for n in range(13)]
    none = [(start + n * HOUR / 12, Decimal(0)) for n in range(12)]
    assert told([*calm, *one]) == []
    assert told([*calm, *none, (start + HOUR, Decimal(100))]) == ["hour 04 00:00"]


def test_a_small_excess_over_an_hour_is_told() -> None:
    """Values that may each be so high once are too much when all of an hour are."""
    calm = [(MONDAY + n * HOUR / 12, Decimal(140 if n % 12 == 0 else 100)) for n in range(12 * 48)]
    start = MONDAY + 2 * DAY
    high = [(start + n * HOUR / 12, Decimal(139)) for n in range(12)]
    assert told([*calm, *high]) == []
    pattern, _ = follow([*calm, *high])
    (found,) = close_hour(pattern, at=start + HOUR).anomalies
    assert (found.seen, found.at, found.told_at) == (Decimal(139), start, start + HOUR)
    assert (found.least, found.most) == (Decimal("82.6664"), Decimal("123.9996"))
    assert close_hour(pattern, at=start + HOUR - HOUR / 60).pattern == pattern


def test_the_evidence_is_named() -> None:
    """An anomaly says what was seen, what was expected and allowed, and what such hours were."""
    at = MONDAY + 3 * DAY + 3 * HOUR
    _, (found,) = follow(with_value(hourly(24 * 4, office), at, 163))
    assert (found.seen, found.score) == (Decimal(163), Decimal("2.91"))
    assert found.usual == Decimal(103)
    assert found.allowed == Decimal("20.6")
    assert found.before == tuple((at - n * DAY, Decimal(103)) for n in (3, 2, 1))
    assert found.opens


def test_an_investigation_opens_once() -> None:
    """More of it within six hours belongs to it; after a calm of more than six hours it is new."""
    series = hourly(24 * 4, lambda _: 100)
    for hours in (50, 56, 63):
        series = with_value(series, MONDAY + hours * HOUR, 5000 * hours)
    _, found = follow(series)
    assert [one.opens for one in found] == [True, False, True]


def test_what_is_far_off_teaches_little() -> None:
    """Abuse in one hour does not hide the same on the next day."""
    series = hourly(24 * 5, lambda _: 100)
    for day in (2, 3, 4):
        series = with_value(series, MONDAY + day * DAY, 1000)
    assert told(series) == ["value 04 00:00", "value 05 00:00", "value 06 00:00"]


def test_a_lasting_change_becomes_the_habit() -> None:
    """Ten times the usage is told at first, and after a day no more."""
    days = {
        text.split()[1] for text in told(hourly(24 * 7, lambda at: 100 if at.day < 5 else 1000))
    }
    assert days == {"05"}


def test_the_first_use_is_told_unless_it_is_little() -> None:
    """After two days of nothing any use is an anomaly, if it is worth telling."""
    series = with_value(hourly(50, lambda _: 0), MONDAY + 49 * HOUR, 7)
    _, (found,) = follow(series)
    assert found.score == Decimal(1000)
    assert told(series, tolerance=Tolerance(least=Decimal(7))) == []


def test_a_value_of_an_hour_that_is_over_changes_nothing() -> None:
    """Late values are no news about now."""
    pattern, _ = follow(hourly(60, lambda _: 100))
    late = observe(pattern, Decimal(9000), at=MONDAY + 50 * HOUR)
    assert (late.pattern, late.score, late.anomalies) == (pattern, None, ())


def test_a_week_of_silence_begins_anew() -> None:
    """What is older than a week is forgotten; the next value is learnt from, not judged."""
    later = [(MONDAY + 12 * DAY, Decimal(9000))]
    assert told([*hourly(60, lambda _: 100), *later]) == []


values = st.integers(0, 400)


@given(st.lists(values, min_size=60, max_size=120), st.integers(0, 119))
def test_a_pattern_may_be_written_down_at_any_time(seen: list[int], cut: int) -> None:
    """What comes back from JSON tells what the other would have told; it stays small."""
    series = hourly(len(seen), lambda at: seen[(at - MONDAY) // HOUR])
    pattern, before = follow(series[:cut])
    written = msgspec.json.encode(pattern)
    assert len(written) < 12_000
    _, after = follow(series[cut:], pattern=msgspec.json.decode(written, type=Pattern))
    assert [*before, *after] == follow(series)[1]


@given(st.lists(values, min_size=60, max_size=100), st.integers(-6, 6))
def test_the_unit_does_not_matter(seen: list[int], places: int) -> None:
    """The same usage in thousands or thousandths is told of at the same instants, by as much."""
    series = hourly(len(seen), lambda at: seen[(at - MONDAY) // HOUR])
    scaled = [(at, value.scaleb(places)) for at, value in series]
    one, other = (
        [(each.at, each.kind, each.score) for each in follow(told_of)[1]]
        for told_of in (series, scaled)
    )
    assert one == other


@given(st.lists(st.permutations(range(4)), min_size=50, max_size=55), values)
def test_the_order_within_an_hour_does_not_matter(orders: list[list[int]], last: int) -> None:
    """What is remembered of an hour is the same whichever of its values came first."""
    quarters = [
        [(MONDAY + n * HOUR + place * HOUR / 4, Decimal(100 + n + place)) for place in order]
        for n, order in enumerate(orders)
    ]
    straight = [sorted(each) for each in quarters]
    end = (MONDAY + len(orders) * HOUR, Decimal(last))
    mixed, plain = (
        follow([*(one for each in found for one in each), end]) for found in (quarters, straight)
    )
    assert mixed[0] == plain[0]


@given(st.lists(values, min_size=60, max_size=120))
def test_nothing_of_later_is_known(seen: list[int]) -> None:
    """What was told of the beginning of a series stands, whatever follows."""
    series = hourly(len(seen), lambda at: seen[(at - MONDAY) // HOUR])
    _, whole = follow(series)
    _, part = follow(series[:58])
    assert [one for one in whole if one.told_at < MONDAY + 58 * HOUR] == part

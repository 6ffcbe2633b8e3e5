"""The state that is carried, against a naive model that reads all history again."""

from dataclasses import dataclass, replace
from decimal import Decimal
from fractions import Fraction

from hypothesis import given
from hypothesis import strategies as st

from tallystick.thresholds import Basis, Reading, Threshold, Watch, Watched
from tests.thresholds.watching import follow, month, reading

STEPS = 60  # more than the highest value has of the smallest step


@dataclass(frozen=True)
class Level:
    """One step of a threshold, as if it were declared by itself."""

    threshold: Threshold
    amount: Fraction
    falls: bool

    def line(self, one: Reading) -> Fraction | None:
        """Return the value of the level under the limit of a reading."""
        if self.threshold.basis is Basis.ABSOLUTE:
            return self.amount
        if one.limit is None:
            return None
        if not one.limit and (self.falls or self.threshold.recurring):
            return None
        return self.amount * Fraction(one.limit) / 100

    def passed(self, one: Reading, back: Fraction = Fraction(0)) -> bool:
        """Tell whether a value is beyond the level, or would be so much further on."""
        line = self.line(one)
        if line is None:
            return False
        if self.threshold.basis is not Basis.ABSOLUTE:
            back = back * Fraction(one.limit or 0) / 100
        value = Fraction(one.value)
        if self.falls:
            return value - back < line or (line == 0 and value - back == 0)
        return value + back > line or (value + back == line and line > 0)


def levels(watch: Watch) -> list[Level]:
    """Return every level of a watch by itself."""
    found = []
    for one in watch.thresholds:
        lower = [
            each.amount
            for each in watch.thresholds
            if each.basis is one.basis and not each.recurring
        ]
        first, steps = (max(lower, default=Decimal(0)), STEPS) if one.recurring else (0, 1)
        found += [
            Level(
                threshold=one,
                amount=Fraction(first) + step * Fraction(one.amount),
                falls=watch.watched.falls,
            )
            for step in range(1, steps + 1)
        ]
    return found


def is_told(level: Level, history: list[Reading]) -> bool:
    """Tell whether the last of some readings tells a level, from all of them."""
    *_, last = history
    if not level.passed(last):
        return False
    same = [one for one in history if (one.period is None) == (last.period is None)]
    same = [one for one in same if one.period == last.period]
    armed, told = True, False
    for place, one in enumerate(same):
        changed = place > 0 and same[place - 1].limit != one.limit
        relative = level.threshold.basis is not Basis.ABSOLUTE
        by = level.threshold.rearm_by
        if by is not None or one.period is None or (changed and relative):
            armed = armed or not level.passed(one, Fraction(by or 0))
        told = armed and level.passed(one)
        armed = armed and not told
    return told


def thresholds(watched: Watched) -> st.SearchStrategy[Threshold]:
    """Thresholds that may be declared, small enough to be passed often."""
    amounts = st.integers(0 if watched.falls else 1, 12).map(lambda n: Decimal(10 * n))
    return st.builds(
        Threshold,
        amount=amounts,
        basis=st.sampled_from([Basis.ABSOLUTE, Basis.PERCENT]),
        recurring=st.sampled_from([False] if watched.falls else [False, True]),
        rearm_by=st.sampled_from([None, Decimal(0), Decimal(5)]),
    )


@st.composite
def watches(draw: st.DrawFn) -> Watch:
    """A watch of a few thresholds, each by another name."""
    watched = draw(st.sampled_from(Watched))
    found = st.lists(thresholds(watched), min_size=1, max_size=4, unique_by=lambda one: one.name)
    return Watch(watched=watched, thresholds=tuple(draw(found)))


@st.composite
def histories(draw: st.DrawFn) -> list[Reading]:
    """Readings in order, over some periods or none, under limits that change."""
    in_periods = draw(st.booleans())
    limits = st.sampled_from([None, 0, 50, 100, 105, 200])
    found, number, limit = [], 0, draw(limits)
    for hour, value in enumerate(draw(st.lists(st.integers(-5, 250), min_size=1, max_size=12))):
        number = min(number + draw(st.sampled_from([0, 0, 0, 1])), 4)
        limit = draw(limits) if draw(st.integers(0, 3)) == 0 else limit
        made = reading(value, limit=limit, period=None)
        at = month(number).start if in_periods else month(0).start
        made = replace(made, at=at.replace(hour=hour), period=month(number) if in_periods else None)
        found.append(made)
    return found


@given(watches(), histories())
def test_what_is_told_follows_from_all_history(watch: Watch, history: list[Reading]) -> None:
    """A few remembered numbers tell what reading all values again would tell."""
    all_levels = levels(watch)
    for place, found in enumerate(follow(watch, history), start=1):
        expected: dict[str, int] = {}
        for level in all_levels:
            if is_told(level, history[:place]):
                name = level.threshold.name
                expected[name] = expected.get(name, 0) + 1
        assert {one.threshold.name: one.times for one in found.crossings} == expected


@given(watches(), st.lists(st.integers(0, 250), min_size=1, max_size=10))
def test_one_jump_tells_what_many_steps_tell(watch: Watch, values: list[int]) -> None:
    """While a value moves in one direction, how often it is read does not matter."""
    values = sorted(values, reverse=watch.watched.falls)
    start = 10_000 if watch.watched.falls else -1
    slowly = follow(watch, [reading(value, n) for n, value in enumerate([start, *values])])
    at_once = follow(watch, [reading(start), reading(values[-1], 1)])
    counts: dict[str, int] = {}
    for found in slowly:
        for one in found.crossings:
            counts[one.threshold.name] = counts.get(one.threshold.name, 0) + one.times
    (_, jump) = at_once
    assert {one.threshold.name: one.times for one in jump.crossings} == counts


@given(watches(), histories())
def test_a_reading_that_comes_again_tells_nothing(watch: Watch, history: list[Reading]) -> None:
    """Whoever evaluates twice tells once."""
    twice = [one for each in history for one in (each, each)]
    assert not any(found.crossings or found.over for found in follow(watch, twice)[1::2])

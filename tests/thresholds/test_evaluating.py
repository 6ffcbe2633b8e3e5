"""Each crossing is told once per period; limits, hysteresis and projections."""

from dataclasses import replace
from decimal import Decimal

import msgspec
import pytest

from tallystick.kernel import Misuse
from tallystick.thresholds import (
    Basis,
    Evaluation,
    Reading,
    Threshold,
    Watch,
    Watched,
    WatchState,
    default_watch,
    evaluate,
    watch_problems,
)
from tests.thresholds.watching import absolute, at_hours, follow, percent, reading, told, usage

DEFAULTS = default_watch(Watched.USAGE)
TWO = usage(percent(80), percent(90))


@pytest.mark.parametrize(
    ("values", "expected"),
    [
        ([799, 800, 801, 900], ["", "80 %", "", "90 %"]),
        ([0, 950], ["", "80 %, 90 %"]),
        ([950, 780, 820, 950], ["80 %, 90 %", "", "", ""]),
        (["799.999999999999999999", 800], ["", "80 %"]),
    ],
)
def test_a_crossing_is_told_once_in_a_period(values: list[int], expected: list[str]) -> None:
    """At the threshold it is told, and not again though the value comes back to it."""
    assert told(TWO, *at_hours(values)) == expected


def test_the_next_period_begins_anew() -> None:
    """All thresholds may tell again, and what was told before is over."""
    first, second, third = follow(
        TWO, [reading(950), reading(850, period=1), reading(860, 1, period=1)]
    )
    assert [one.threshold.name for one in second.crossings] == ["80 %"]
    assert first.over == third.over == ()
    assert second.over == ("80 %", "90 %")


@pytest.mark.parametrize(
    ("story", "expected"),
    [
        # Who buys more because of a notice is told again when that is nearly used.
        ([(850, 1000), (850, 2000), (1600, 2000)], ["80 %", "", "80 %"]),
        # A lower limit tells what it newly passes, and repeats nothing.
        ([(850, 1000), (850, 900), (850, 1000)], ["80 %", "90 %", ""]),
        # A limit that is raised too little arms nothing.
        ([(850, 1000), (850, 1010), (900, 1010)], ["80 %", "", ""]),
        # A limit that is taken away ends all percentages; a new one is compared anew.
        ([(850, 1000), (850, None), (850, 1000)], ["80 %", "", "80 %"]),
        # Where nothing is allowed, nothing used is fine and anything used is not.
        ([(0, 0), (1, 0)], ["", "80 %, 90 %"]),
    ],
)
def test_a_new_limit_is_a_new_measure(
    story: list[tuple[int, int | None]], expected: list[str]
) -> None:
    """Percentages that the value is below of may tell again; those still passed do not repeat."""
    readings = [reading(value, n, limit=limit) for n, (value, limit) in enumerate(story)]
    assert told(TWO, *readings) == expected


def test_what_a_limit_brings_about_says_so() -> None:
    """A crossing by a lower limit is told from one by use."""
    found = follow(TWO, [reading(850), reading(850, 1, limit=900), reading(910, 2, limit=900)])
    (used,), (limited,), none = (one.crossings for one in found)
    assert (used.by_limit, limited.by_limit, none) == (False, True, ())
    assert (limited.level, limited.limit) == (Decimal(810), Decimal(900))


def test_an_absolute_threshold_does_not_care_for_the_limit() -> None:
    """A new limit arms no absolute threshold."""
    watch = usage(absolute(500))
    story = [reading(600), reading(400, 1, limit=9000), reading(600, 2, limit=9000)]
    assert told(watch, *story) == ["500", "", ""]


@pytest.mark.parametrize(
    ("values", "expected"),
    [
        ([850, 760, 850], ["80 %", "", ""]),
        ([850, 750, 850], ["80 %", "", ""]),
        ([850, 749, 850], ["80 %", "", "80 %"]),
    ],
)
def test_hysteresis_arms_within_a_period(values: list[int], expected: list[str]) -> None:
    """With rearm_by 5 a value must come below 75 % before 80 % is told again."""
    assert told(usage(percent(80, rearm_by=5)), *at_hours(values)) == expected


def test_a_recurring_threshold_counts_its_steps_at_once() -> None:
    """Every further 1,000 above 700: a jump over two of them is one crossing that says two."""
    watch = usage(absolute(700), absolute(1000, recurring=True))
    found = follow(watch, at_hours([1699, 1700, 3750, 2000, 3750], limit=None))
    assert [[one.threshold.name for one in each.crossings] for each in found] == [
        ["700"],
        ["every 1000"],
        ["every 1000"],
        [],
        [],
    ]
    (jump,) = found[2].crossings
    assert (jump.times, jump.level) == (2, Decimal(3700))


CREDIT = Watch(watched=Watched.CREDIT, thresholds=(absolute(500, rearm_by=50), absolute(0)))


def test_credit_is_told_below_and_again_after_a_top_up() -> None:
    """500 is enough, 499 is not; back at 550 the threshold may tell again; 0 is nothing left."""
    values = (500, 499, 549, 499, 550, 499, 0, 1, 0)
    readings = [reading(value, n, period=None) for n, value in enumerate(values)]
    assert told(CREDIT, *readings) == ["", "500", "", "", "", "500", "0", "", "0"]


def test_credit_that_was_never_granted_is_not_low() -> None:
    """20 % of nothing is no threshold."""
    found = told(default_watch(Watched.CREDIT), reading(0, limit=0, period=None))
    assert found == [""]


@pytest.mark.parametrize(
    ("value", "projected", "expected"),
    [
        (400, None, ""),
        (400, 999, ""),
        (400, 1000, "projected 100 %"),
        (850, 2000, "80 %, projected 100 %"),
        (1000, 2000, "80 %, 90 %, 100 %"),
    ],
)
def test_a_projection_tells_what_is_not_here_yet(
    value: int, projected: int | None, expected: str
) -> None:
    """At or above the limit at the end of the period, unless the value is there itself."""
    expects = None if projected is None else Decimal(projected)
    assert told(DEFAULTS, replace(reading(value), projected=expects)) == [expected]


def test_a_projection_is_told_once() -> None:
    """A forecast that swings around the limit tells once in the period, also when it is passed."""
    story = [
        replace(reading(value, n), projected=Decimal(expected))
        for n, (value, expected) in enumerate([(400, 1001), (410, 990), (420, 1010), (1000, 2000)])
    ]
    watch = usage(percent(100, basis=Basis.PROJECTED))
    assert told(watch, *story) == ["projected 100 %", "", "", ""]


def test_what_is_late_changes_nothing() -> None:
    """A reading older than the last one, or of an earlier period, is not judged."""
    state = follow(TWO, [reading(10, 5, period=1)])[0].state
    for late in (reading(990, 4, period=1), reading(990, 900, period=0)):
        assert evaluate(TWO, state, late) == Evaluation(state=state)


def test_a_threshold_that_is_declared_late_tells_what_is_passed() -> None:
    """A new threshold tells at its first reading; one that was gone is told anew if it is back."""
    state = follow(TWO, [reading(850)])[0].state
    changed = usage(percent(85), percent(90))
    found = evaluate(changed, state, reading(860, 1))
    assert [one.threshold.name for one in found.crossings] == ["85 %"]
    assert found.over == ("80 %",)
    back = evaluate(TWO, found.state, reading(860, 2))
    assert [one.threshold.name for one in back.crossings] == ["80 %"]


def test_a_state_survives_being_written() -> None:
    """What is remembered comes back equal from JSON."""
    watch = usage(percent(80), absolute(100, recurring=True))
    state = follow(watch, [reading("950.5")])[0].state
    assert state.told == {"80 %": 1, "every 100": 9}
    assert msgspec.json.decode(msgspec.json.encode(state), type=WatchState) == state


def test_a_limit_below_nothing_is_misuse() -> None:
    """Nobody can use a share of it."""
    with pytest.raises(Misuse):
        Reading(value=Decimal(0), at=reading(0).at, limit=Decimal(-1))


@pytest.mark.parametrize(
    ("watched", "threshold", "codes"),
    [
        ("usage", percent(80), []),
        ("usage", percent(0), ["bad_amount"]),
        ("credit", percent(0), []),
        ("credit", percent(-1), ["bad_amount"]),
        ("usage", percent(100_001), ["bad_amount"]),
        ("usage", Threshold(amount=Decimal("NaN")), ["bad_amount"]),
        ("usage", percent(80, rearm_by=80), ["bad_rearm"]),
        ("usage", percent(80, rearm_by=-1), ["bad_rearm"]),
        ("credit", absolute(80, rearm_by=80), []),
        ("credit", absolute(80, recurring=True), ["cannot_recur"]),
        ("usage", replace(percent(80, basis=Basis.PROJECTED), recurring=True), ["cannot_recur"]),
    ],
)
def test_a_declaration_is_refused_with_all_its_faults(
    watched: str, threshold: Threshold, codes: list[str]
) -> None:
    """Each fault of a threshold has a code, at its place."""
    found = watch_problems(Watch(watched=Watched(watched), thresholds=(percent(50), threshold)))
    assert [one.code for one in found] == codes
    assert {one.field for one in found} <= {"thresholds[1]"}


def test_a_watch_has_one_to_twenty_thresholds() -> None:
    """None is no watch, and each costs time."""
    many = tuple(percent(n) for n in range(1, 22))
    assert [one.code for one in watch_problems(usage())] == ["no_thresholds"]
    assert [one.code for one in watch_problems(usage(*many))] == ["too_many_thresholds"]
    assert watch_problems(usage(*many[:20])) == ()

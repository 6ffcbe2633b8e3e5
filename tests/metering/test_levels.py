"""What a level did within a window: its changes and its runs add up to what is measured."""

from dataclasses import replace
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tallystick.kernel import EXACT, Misuse, WorkspaceId, micros
from tallystick.metering import (
    Event,
    LevelChange,
    LevelRun,
    Meter,
    UsageQuery,
    level_changes,
    level_runs,
    measure_usage,
)
from tests.events import at, event, meter, readings, span, window

HOUR = window(0, 3600)
LEVEL = meter("time_weighted", unit="seat")
HELD = replace(LEVEL, hold_seconds_max=600)


def asked(of: Meter = LEVEL, **fields: object) -> UsageQuery:
    """Return the question for an hour."""
    query = UsageQuery(workspace=WorkspaceId("w"), meter=of, windows=(HOUR,))
    return replace(query, **fields)  # type: ignore[arg-type] # fields by name


def changes(query: UsageQuery, events: list[Event]) -> list[tuple[float, int]]:
    """Return the changes of the hour without groups: seconds, and by how much."""
    found = level_changes(query, events).get((HOUR, ()), ())
    return [((one.at - HOUR.start).total_seconds(), int(one.change)) for one in found]


def runs(events: list[Event], query: UsageQuery | None = None) -> list[tuple[int, bool, bool]]:
    """Return the runs of the hour: seconds, whether each begins and ends in it."""
    found = level_runs(query or asked(), events).get((HOUR, ()), ())
    return [(run.micros // 1_000_000, run.begins, run.ends) for run in found]


def test_what_is_carried_in_is_the_first_change() -> None:
    """A level from before counts from the window's start, and what follows by its difference."""
    events = readings({-500: "5", 600: "7", 1200: "4", 1300: "4"})
    assert changes(asked(), events) == [(0, 5), (600, 2), (1200, -3)]


def test_changes_at_one_instant_are_one() -> None:
    """What leaves one series as it enters another changes nothing."""
    events = [*readings({0: "3", 900: "1"}), *readings({900: "2"}, subject="vm-2")]
    assert changes(asked(), events) == [(0, 3)]


def test_a_level_ends_with_its_span_and_its_hold() -> None:
    """Nothing is held beyond the time in which a subject belongs, nor beyond the hold limit."""
    events = readings({0: "3"})
    assert changes(asked(spans=(span("vm-1", 100, 700),)), events) == [(100, 3), (700, -3)]
    assert changes(asked(HELD), events) == [(0, 3), (600, -3)]
    assert changes(asked(replace(HELD, gap_policy="hold")), events) == [(0, 3)]
    assert changes(asked(until=at(50)), events) == [(0, 3), (50, -3)]


def test_a_stop_parts_two_runs_and_a_reboot_does_not() -> None:
    """A level that is set again goes on; one that was 0, if only for no time, begins anew."""
    again = readings({0: "1", 30: "1", 70: "0"})
    assert runs(again) == [(70, True, True)]
    stopped = [*readings({0: "1", 70: "0"}), *readings({30: "0"}, sequence="1")]
    stopped.append(event(30, '{"v":1}', sequence="2"))
    assert runs(stopped) == [(30, True, True), (40, True, True)]


def test_a_run_says_where_it_goes_on() -> None:
    """A run that was carried in did not begin here; one that is not over has not ended here."""
    assert runs(readings({-10: "1", 20: "0", 3000: "2"})) == [(20, False, True), (600, True, False)]
    handed_over = asked(spans=(span("vm-1", 100, 700),))
    assert runs(readings({-10: "1"}), handed_over) == [(600, True, True)]


def test_a_run_keeps_the_level_of_its_end() -> None:
    """What is added to a run counts at the level that it had last."""
    ((found,),) = level_runs(asked(), readings({0: "1", 10: "4", 20: "0"})).values()
    assert found == LevelRun(
        micros=20_000_000, integral=Decimal(50_000_000), last=Decimal(4), begins=True, ends=True
    )


@pytest.mark.parametrize("of", [meter("sum"), replace(LEVEL, negative_allowed=True)])
def test_what_does_not_run_is_refused(of: Meter) -> None:
    """Sums have no runs, and neither have levels below 0."""
    with pytest.raises(Misuse):
        level_runs(asked(of), [])


@given(st.dictionaries(st.integers(-100, 3700), st.integers(0, 9), max_size=12), st.booleans())
def test_changes_and_runs_add_up(levels: dict[int, int], held: bool) -> None:  # noqa: FBT001 - drawn
    """Changes times what is left, and runs, both come to the integral."""
    query = asked(HELD if held else LEVEL)
    events = readings({second: str(level) for second, level in levels.items()})
    (row,) = measure_usage(query, events)
    found: tuple[LevelChange, ...] = level_changes(query, events).get((HOUR, ()), ())
    total = Decimal(0)
    for one in found:
        left = Decimal(micros(HOUR.end) - micros(one.at))
        total = EXACT.add(total, EXACT.multiply(one.change, left))
    assert total == row.fold.numerator
    running = level_runs(query, events).get((HOUR, ()), ())
    assert sum((run.integral for run in running), Decimal(0)) == row.fold.numerator

"""The folds and ClickHouse give the same rows, for a table of scenarios and for random streams."""

from dataclasses import replace
from decimal import Decimal

import pytest
from hypothesis import given

from tallystick.metering import (
    Event,
    UsageQuery,
    UsageRow,
    evidence_of,
    measure_usage,
    needed_events,
)
from tests.clickhouse import UsageStore, of_workspace
from tests.conformance.usage_scenarios import SCENARIOS, Scenario
from tests.conformance.usage_strategies import Stream, streams
from tests.profiles import through_engines


@pytest.fixture(scope="module")
def stored(usage_store: UsageStore) -> dict[str, list[Event]]:
    """Store the events of every scenario."""
    return {scenario.name: usage_store.put(scenario.events) for scenario in SCENARIOS}


@pytest.mark.parametrize("scenario", SCENARIOS, ids=lambda scenario: scenario.name)
def test_scenario_through_the_folds(scenario: Scenario) -> None:
    """The reference folds give what the scenario says."""
    _expect(scenario, measure_usage(scenario.query(), scenario.events))


@pytest.mark.parametrize("scenario", SCENARIOS, ids=lambda scenario: scenario.name)
def test_scenario_through_clickhouse(
    scenario: Scenario, usage_store: UsageStore, stored: dict[str, list[Event]]
) -> None:
    """ClickHouse gives what the scenario says, and the folds' evidence."""
    events = stored[scenario.name]
    rows = usage_store.usage(scenario.query(), events)
    _expect(scenario, rows)
    _same(rows, measure_usage(of_workspace(scenario.query(), events), events))


@through_engines
@given(stream=streams())
def test_streams_give_the_same_rows(stream: Stream, usage_store: UsageStore) -> None:
    """Whatever arrives in whatever order, folds and ClickHouse agree in every cell."""
    events = usage_store.put(stream.events)
    for query in _known(stream, events):
        _same(usage_store.reader.usage(query), measure_usage(query, events))


@through_engines
@given(stream=streams())
def test_listed_events_fold_to_the_rows(stream: Stream, usage_store: UsageStore) -> None:
    """The events listed for a query are those the reference needs, and folding them suffices."""
    events = usage_store.put(stream.events)
    for query in _known(stream, events):
        listed = _listed(usage_store, query)
        assert listed == needed_events(query, events)
        assert measure_usage(query, listed) == measure_usage(query, events)
        if len(query.windows) == 1 and not query.group_by:
            (row,) = measure_usage(replace(query, evidence=True), events)
            assert row.evidence == evidence_of(listed)


@through_engines
@given(stream=streams())
def test_leaders_are_the_greatest(stream: Stream, usage_store: UsageStore) -> None:
    """ClickHouse ranks groups as their reference quantities do, equal ones by their texts."""
    events = usage_store.put(stream.events)
    for asked in _known(stream, events):
        query = replace(asked, windows=asked.windows[:1], group_by=("subject",), evidence=False)
        rows = [(row.group, row.fold) for row in measure_usage(query, events)]
        used = [
            (-fold.quantity, group)
            for group, fold in rows
            if fold.events or fold.unmeterable or fold.numerator
        ]
        expected = [group for _, group in sorted(used)]
        assert usage_store.reader.leaders(query, count=2) == expected[:2]


def _known(stream: Stream, events: list[Event]) -> list[UsageQuery]:
    """Return the questions, asked of the stored events as far as they may be known."""
    through = events[: stream.known][-1].position
    return [replace(of_workspace(asked, events), through=through) for asked in stream.queries]


def _listed(store: UsageStore, query: UsageQuery) -> list[Event]:
    """Return all pages, each of three events."""
    events: list[Event] = []
    while page := store.reader.events(
        query, after_position=events[-1].position if events else 0, limit=3
    ):
        events += page
    return events


def _expect(scenario: Scenario, rows: list[UsageRow]) -> None:
    assert [row.fold.quantity for row in rows] == [Decimal(text) for text in scenario.quantities]
    assert sum(row.fold.unmeterable for row in rows) == scenario.unmeterable
    assert sum(row.fold.gap_seconds for row in rows) == Decimal(scenario.gap_seconds)
    assert sum(row.fold.gaps for row in rows) == scenario.gaps


def _same(rows: list[UsageRow], expected: list[UsageRow]) -> None:
    assert len(rows) == len(expected)
    for row, wanted in zip(rows, expected, strict=True):
        assert (row.window, row.group) == (wanted.window, wanted.group)
        assert row.fold == wanted.fold
        assert row.evidence == wanted.evidence

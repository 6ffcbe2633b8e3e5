"""Usage that was read ahead for many contracts is what each of them would have been told."""

from dataclasses import dataclass, field, replace

import pytest
from hypothesis import given

from tallystick.app.invoicing.ahead import UsageAhead, usage_ahead
from tallystick.kernel import WorkspaceId
from tallystick.metering import Event, UsageQuery, UsageRow
from tests.clickhouse import UsageStore, of_workspace
from tests.conformance.usage_scenarios import SCENARIOS, Scenario
from tests.conformance.usage_strategies import Stream, streams
from tests.events import event, meter, span, window
from tests.profiles import through_engines

COUNT = meter("count")
HOUR = window(0, 3600)


@dataclass
class Told:
    """Answers as a reader does, and remembers what it was asked."""

    store: UsageStore
    asked: list[UsageQuery] = field(default_factory=list)
    pages: int = 0

    def usage(self, query: UsageQuery) -> list[UsageRow]:
        """Return the rows of a query."""
        self.asked.append(query)
        return self.store.reader.usage(query)

    def events(self, query: UsageQuery, *, after_position: int, limit: int) -> list[Event]:
        """Return a page of events."""
        self.pages += 1
        return self.store.reader.events(query, after_position=after_position, limit=limit)

    def leaders(self, query: UsageQuery, *, count: int) -> list[tuple[str, ...]]:
        """Return the greatest groups."""
        return self.store.reader.leaders(query, count=count)

    def covered_position(self) -> int:
        """Return how far the projection reaches."""
        return self.store.reader.covered_position()

    def wait_covered(self, position: int, timeout: float) -> bool:
        """Wait for a position."""
        return self.store.reader.wait_covered(position, timeout)


def of_each(query: UsageQuery, events: list[Event]) -> list[UsageQuery]:
    """Return the query of each subject alone, as of each contract."""
    subjects = sorted({one.subject for one in events})
    spans = query.spans or tuple(span(subject) for subject in subjects)
    known = replace(query, through=events[-1].position if events else 0)
    return [replace(known, spans=(one,), others=False) for one in spans]


@pytest.mark.parametrize("scenario", SCENARIOS, ids=lambda scenario: scenario.name)
def test_scenarios_are_told_alike(scenario: Scenario, usage_store: UsageStore) -> None:
    """Quantity, gaps and evidence of each subject are those of the store's own answer."""
    events = usage_store.put(scenario.events)
    queries = of_each(of_workspace(scenario.query(), events), events)
    ahead = UsageAhead(Told(usage_store))
    ahead.fill(queries)
    for query in queries:
        assert ahead.usage(query) == usage_store.reader.usage(query)


@through_engines
@given(stream=streams())
def test_streams_are_told_alike(stream: Stream, usage_store: UsageStore) -> None:
    """Whatever arrives, in whatever order."""
    events = usage_store.put(stream.events)
    for wanted in stream.queries:
        queries = of_each(of_workspace(wanted, events), events)
        ahead = UsageAhead(Told(usage_store))
        ahead.fill(queries)
        for query in queries:
            assert ahead.usage(query) == usage_store.reader.usage(query)


def counted(subjects: int) -> list[Event]:
    """Return an event of each of so many subjects."""
    return [event(number, subject=f"vm-{number}") for number in range(subjects)]


def asked_of(store: UsageStore, events: list[Event]) -> list[UsageQuery]:
    """Return the question of each subject for its hour."""
    stored = store.put(events)
    workspace = WorkspaceId(stored[0].workspace)
    query = UsageQuery(workspace=workspace, meter=COUNT, windows=(HOUR,), evidence=True)
    return of_each(query, stored)


def test_many_contracts_are_one_question(usage_store: UsageStore) -> None:
    """The store is asked once for the events of all, and for no row."""
    queries = asked_of(usage_store, counted(20))
    told = Told(usage_store)
    ahead = UsageAhead(told)
    ahead.fill(queries)
    assert [row.fold.events for query in queries for row in ahead.usage(query)] == [1] * 20
    assert (told.pages, told.asked) == (1, [])


def test_what_was_not_read_is_asked(usage_store: UsageStore) -> None:
    """Another subject, another window, a resource with two owners: the store answers."""
    queries = asked_of(usage_store, counted(3))
    told = Told(usage_store)
    ahead = UsageAhead(told)
    first, second, third = queries
    halves = [
        replace(third, spans=(span("vm-2", end=60),)),
        replace(third, spans=(span("vm-2", start=60),)),
    ]
    ahead.fill([first, *halves])
    wanted = [second, replace(first, windows=(window(0, 1800),)), *halves]
    for query in wanted:
        assert ahead.usage(query) == usage_store.reader.usage(query)
    assert told.asked == wanted


def test_large_subjects_are_left_to_the_store(usage_store: UsageStore) -> None:
    """Who has more events than are folded one by one is not held, whatever the others have."""
    large = [
        event(one % 3600, subject="large") for one in range(usage_ahead.SUBJECT_EVENTS_MAX + 1)
    ]
    queries = asked_of(usage_store, [*counted(2), *large])
    told = Told(usage_store)
    ahead = UsageAhead(told)
    ahead.fill(queries)
    for query in queries:
        assert ahead.usage(query) == usage_store.reader.usage(query)
    assert [query.spans[0].subject for query in told.asked if query.spans] == ["large"]

"""
A reader of usage that holds the events of many small contracts, and asks for whatever it lacks.

A question costs a store some milliseconds however little it finds, so that a hundred thousand
contracts with five prices take an hour of questions.  Here the events of many contracts come in one
answer, and each question is answered from its own by the reference folds, which the store's answers
equal (the port says so, and conformance holds it).  What is large is left to the store: folding
reads event by event, the store does not.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace

from tallystick.app.metering import UsageReader
from tallystick.kernel import SubjectSpan
from tallystick.metering import Event, UsageQuery, UsageRow, measure_usage

EVENTS_MAX = 50_000
"""Of one answer; where there are more, half as many contracts are asked for at once."""
SUBJECT_EVENTS_MAX = 2_000
"""Of one subject; one that has more is left to the store."""


class UsageAhead:
    """
    Answers as the reader behind it does.

    Args:
        reader: answers what was not read ahead.
    """

    def __init__(self, reader: UsageReader) -> None:
        self._reader = reader
        self._held: dict[UsageQuery, dict[str, Sequence[Event]]] = {}

    def fill(self, queries: Iterable[UsageQuery]) -> None:
        """Read the events of these queries, each meter and window at once for all subjects."""
        asked: dict[UsageQuery, dict[str, SubjectSpan]] = {}
        shared: set[str] = set()
        for query in queries:
            if query.spans is None or query.others or query.rows_max is not None:
                continue
            subjects = asked.setdefault(_shape(query), {})
            for span in query.spans:
                # What changed hands has two spans, and each contract asks for its own.
                if subjects.setdefault(span.subject, span) != span:
                    shared.add(span.subject)
        for shape, subjects in asked.items():
            spans = [span for subject, span in subjects.items() if subject not in shared]
            self._read(shape, spans)

    def usage(self, query: UsageQuery) -> list[UsageRow]:
        """Return the rows of a query."""
        events = self._events_of(query)
        return self._reader.usage(query) if events is None else list(measure_usage(query, events))

    def events(self, query: UsageQuery, *, after_position: int, limit: int) -> list[Event]:
        """Return a page of the events that the fold of a query needs."""
        return self._reader.events(query, after_position=after_position, limit=limit)

    def leaders(self, query: UsageQuery, *, count: int) -> list[tuple[str, ...]]:
        """Return the groups with the greatest quantities."""
        return self._reader.leaders(query, count=count)

    def covered_position(self) -> int:
        """Return the last position up to which the projection holds every event."""
        return self._reader.covered_position()

    def wait_covered(self, position: int, timeout: float) -> bool:
        """Wait until a position is covered."""
        return self._reader.wait_covered(position, timeout)

    def _read(self, shape: UsageQuery, spans: Sequence[SubjectSpan]) -> None:
        """Read the events of spans, in halves where they are too many."""
        if not spans:
            return
        query = replace(shape, spans=tuple(spans))
        found = self._reader.events(query, after_position=0, limit=EVENTS_MAX + 1)
        if len(found) > EVENTS_MAX:
            middle = len(spans) // 2
            if middle:
                self._read(shape, spans[:middle])
                self._read(shape, spans[middle:])
            return
        held = self._held.setdefault(shape, {})
        own = _by_subject(found)
        for span in spans:
            events = own.get(span.subject, ())
            if len(events) <= SUBJECT_EVENTS_MAX:
                held[span.subject] = events

    def _events_of(self, query: UsageQuery) -> list[Event] | None:
        """Return the events of a query's subjects, None where any of them was not read."""
        if query.spans is None:
            return None
        held = self._held.get(_shape(query))
        if held is None or any(span.subject not in held for span in query.spans):
            return None
        return [event for span in query.spans for event in held[span.subject]]


def _shape(query: UsageQuery) -> UsageQuery:
    """Return what queries for the same of different subjects have in common."""
    return replace(query, spans=())


def _by_subject(events: Iterable[Event]) -> Mapping[str, list[Event]]:
    found: dict[str, list[Event]] = {}
    for event in events:
        found.setdefault(event.subject, []).append(event)
    return found

"""
The reference answer: folding events into the rows of a usage query.

This is what the stores are compared with, row by row, and what verifies a bill on a machine that
has no store. It is written to be read; events may come in any order.
"""

from collections.abc import Iterable, Sequence
from datetime import datetime

from tallystick.kernel import Period, SubjectSpan, micros
from tallystick.metering.aggregations import RULES, Taken
from tallystick.metering.composing import answered, simple_queries
from tallystick.metering.cuts import cuts_of
from tallystick.metering.event import Event
from tallystick.metering.evidence import evidence_of
from tallystick.metering.fold import Fold
from tallystick.metering.meter import Meter
from tallystick.metering.series import Series, Strand, belonging_of, gather_series, take_strands
from tallystick.metering.usage import SUBJECT, UsageQuery, UsageRow


def fold(
    events: Iterable[Event],
    *,
    meter: Meter,
    window: Period,
    spans: tuple[SubjectSpan, ...] | None = None,
    until: datetime | None = None,
) -> Fold:
    """
    Return the fold of one window over all the subjects of the spans together.

    Args:
        events: at least those the fold needs (see ``needed_events``), of one workspace; more do no
            harm, provided each occurs once.
        meter: the definition to apply.
        window: half-open.
        spans: subjects, each for its own time; None for all.
        until: no level is carried beyond this instant.

    The sub-windows of a peak are those of UTC.

    Example:
        >>> from tallystick.kernel import MeterKey, instant
        >>> from tallystick.metering.meter import Aggregation
        >>> calls = Meter(key=MeterKey("calls"), event_type="call", unit="call", value=None,
        ...               aggregation=Aggregation.COUNT)
        >>> day = Period(start=instant("2026-01-01T00:00:00Z"), end=instant("2026-01-02T00:00:00Z"))
        >>> fold([], meter=calls, window=day).quantity
        Decimal('0')
    """
    belonging = belonging_of(spans)
    strands = [
        strand
        for series in gather_series(events, meter)
        for strand in take_strands(series, window, belonging)
    ]
    limit = None if until is None else micros(until)
    cuts = cuts_of(window, meter.peak.per, "UTC") if meter.peak else ()
    return RULES[meter.aggregation].fold(
        Taken(meter=meter, strands=strands, until=limit, cuts=cuts)
    )


def measure_usage(query: UsageQuery, events: Iterable[Event]) -> list[UsageRow]:
    """
    Return the rows of a usage query, ordered by window (as asked) and group.

    Without ``group_by`` each window has one row, zero if it is empty; with it, a row for each group
    that has anything to report, or with ``silent`` for each that rests on an event. Events beyond
    ``query.through`` are not looked at.
    """
    known = list(_within(query, events))
    return answered(query, lambda simple: _measured(simple, known))


def _measured(query: UsageQuery, events: Iterable[Event]) -> list[UsageRow]:
    series = gather_series(events, query.meter)
    belonging = belonging_of(query.spans, others=query.others)
    rows: list[UsageRow] = []
    for index, window in enumerate(query.windows):
        groups: dict[tuple[str, ...], list[Strand]] = {} if query.group_by else {(): []}
        for one in series:
            strands = take_strands(one, window, belonging)
            groups.setdefault(_group(one, query), []).extend(strands)
        rows.extend(
            row
            for group in sorted(groups)
            if not (row := _row(query, index, group, groups[group])).fold.is_empty
            or not query.group_by
            or (query.silent and _used(query, groups[group]))
        )
    return rows


def needed_events(query: UsageQuery, events: Iterable[Event]) -> list[Event]:
    """
    Return the events that the rows of a query rest on, in order of position, each once.

    Those inside a window and a span, unmeterable ones included; for levels and counters also the
    last reading before each start. Folding them gives the same rows, and their evidence is the
    rows' evidence.
    """
    known = list(_within(query, events))
    found: dict[int, Event] = {}
    for simple in simple_queries(query):
        belonging = belonging_of(simple.spans, others=simple.others)
        for one in gather_series(known, simple.meter):
            for window in simple.windows:
                taken = _used(simple, take_strands(one, window, belonging))
                found.update({event.position: event for event in taken})
    return [found[position] for position in sorted(found)]


def _within(query: UsageQuery, events: Iterable[Event]) -> list[Event]:
    return [
        event
        for event in events
        if event.workspace == query.workspace
        and (query.through is None or event.position <= query.through)
    ]


def _group(series: Series, query: UsageQuery) -> tuple[str, ...]:
    names = [part.name for part in query.meter.dimensions]
    texts = dict(zip(names, series.dimensions, strict=True))
    return tuple(series.subject if name == SUBJECT else texts[name] for name in query.group_by)


def _row(query: UsageQuery, index: int, group: tuple[str, ...], strands: list[Strand]) -> UsageRow:
    until = None if query.until is None else micros(query.until)
    taken = Taken(meter=query.meter, strands=strands, until=until, cuts=query.cuts(index))
    return UsageRow(
        window=query.windows[index],
        group=group,
        fold=RULES[query.meter.aggregation].fold(taken),
        evidence=evidence_of(_used(query, strands)) if query.evidence else None,
    )


def _used(query: UsageQuery, strands: Sequence[Strand]) -> list[Event]:
    """Return the events behind some strands, each once: one span's may carry into the next."""
    carries = RULES[query.meter.aggregation].carries
    found: dict[int, Event] = {}
    for strand in strands:
        readings = strand.with_carried() if carries else strand.readings
        found.update({one.event.position: one.event for one in (*readings, *strand.unmeterable)})
    return list(found.values())

"""
Events placed into parts: the overlap of a window with a span of their subject.

A part is the half-open stretch from ``a`` to ``b`` (microseconds) of window number ``w``. For most
aggregations an event stands in the parts that contain it. Levels and counters also need, in each
part, the last reading before it: there an event stands in every part from its own instant up to the
next reading of its series (``next_at``), and the last reading before all windows is brought along.
Column ``first_use`` is 1 in the first part of a window that uses the event, so that evidence counts
it once.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from tallystick.kernel import WorkspaceId, from_micros
from tallystick.metering import RULES, Belonging, Event, UsageQuery, belonging_of
from tallystick.storage.clickhouse.bindings import Bindings
from tallystick.storage.clickhouse.matching import matched_events
from tallystick.storage.clickhouse.strands import strung_events
from tallystick.storage.clickhouse.windows import FOREVER, WindowRun, WindowSql, bind_windows

EVENT_COLUMNS = "position, source, id, subject, sequence, data, received, at"


@dataclass(frozen=True, slots=True, kw_only=True)
class _Join:
    """A join with the spans, and the two ends of an event's span as expressions over it."""

    clause: str
    start: str
    end: str


def placed_events(
    query: UsageQuery, run: WindowRun, bind: Bindings, *, also: Sequence[str] = ()
) -> str:
    """
    Return the query of the events of a run of windows, once for each part that uses them.

    `also` are further conditions on events, for aggregations that carry nothing.
    """
    belonging = belonging_of(query.spans, others=query.others)
    owned = _owned(belonging, bind)
    windows = bind_windows(run, bind)
    common = _common_conditions(belonging, bind)
    if RULES[query.meter.aggregation].carries:
        return _placed(strung_events(query, run, common, bind), windows, owned, carries=True)
    since = f"used_at >= fromUnixTimestamp64Micro({bind.whole(run.first)}, 'UTC')"
    before_end = f"used_at < fromUnixTimestamp64Micro({bind.whole(run.last)}, 'UTC')"
    inside = matched_events(query.meter, [*common, since, before_end, *also], bind)
    return _placed(inside, windows, owned, carries=False)


def compile_past(query: UsageQuery, run: WindowRun, bind: Bindings) -> str:
    """Return the statement that finds one event of a query from before a run of windows, if any."""
    belonging = belonging_of(query.spans, others=query.others)
    conditions = [
        f"type = {bind.text(query.meter.event_type)}",
        f"used_at < fromUnixTimestamp64Micro({bind.whole(run.first)}, 'UTC')",
        *_common_conditions(belonging, bind),
    ]
    return f"SELECT 1 FROM {bind.events} WHERE {' AND '.join(conditions)} LIMIT 1"


def _common_conditions(belonging: Belonging, bind: Bindings) -> list[str]:
    conditions = []
    if not belonging.others:
        conditions.append(f"subject IN {bind.texts(sorted(belonging.stretches))}")
    return conditions


def _owned(belonging: Belonging, bind: Bindings) -> _Join | None:
    """Return how events meet the stretches of their subjects; None where all time is meant."""
    named = sorted(belonging.stretches.items())
    rows = [(subject, *one) for subject, own in named for one in own]
    if belonging.others:
        # A subject that is named but never counts needs a row, or it would count as an other.
        rows += [(subject, 0, 0) for subject, own in named if not own]
    elif all(own == ((-FOREVER, FOREVER),) for _, own in named):
        return None
    if not rows and belonging.others:
        return None
    subjects = bind.texts([subject for subject, _, _ in rows])
    starts = bind.wholes([start for _, start, _ in rows])
    ends = bind.wholes([end for _, _, end in rows])
    kind = "LEFT" if belonging.others else "INNER"
    return _Join(
        clause=f"{kind} JOIN (SELECT span.1 AS span_subject, span.2 AS span_start, "
        "span.3 AS span_end, toUInt8(1) AS is_named FROM ("
        f"SELECT arrayJoin(arrayZip({subjects}, {starts}, {ends})) AS span)"
        ") AS owned ON subject = span_subject",
        start=f"if(is_named, span_start, toInt64(-{FOREVER}))",
        end=f"if(is_named, span_end, toInt64({FOREVER}))",
    )


def _placed(events: str, windows: WindowSql, owned: _Join | None, *, carries: bool) -> str:
    if windows.count == 1 and owned is None and not carries:
        # The events were taken from this window alone; each layer of a query costs planning.
        return (
            f"SELECT *, toUInt8(1) AS first_use, toInt64(1) AS w, "
            f"{windows.starts}[1] AS a, {windows.ends}[1] AS b FROM ({events})"
        )
    start, end = f"{windows.starts}[w]", f"{windows.ends}[w]"
    joined, first_use = f"({events})", "toUInt8(1)"
    if owned is not None:
        joined = f"({events}) AS event {owned.clause}"
        start, end = f"greatest({start}, {owned.start})", f"least({end}, {owned.end})"
        first_use = "row_number() OVER (PARTITION BY w, position ORDER BY a) = 1"
    if carries:
        # next_at = a: the reading at a is inside, this one is what its counter rises from.
        reach = "if(readable, next_at, at)"
        used = "at < b AND (at >= a OR (readable AND next_at >= a))"
        numbers = f"range({windows.ended('at')} + 1, {windows.started(reach)} + 1)"
    else:
        used, first_use = "at >= a AND at < b", "toUInt8(1)"
        numbers = f"[{windows.started('at')}]"
    number = f"arrayJoin({numbers})" if windows.count > 1 else "toInt64(1)"
    return (
        f"SELECT *, {first_use} AS first_use FROM ("
        f"SELECT *, {number} AS w, {start} AS a, {end} AS b FROM {joined}"
        f") WHERE w > 0 AND a < b AND {used}"
    )


def event_of(cells: Sequence[Any], *, workspace: WorkspaceId, event_type: str) -> Event:
    """Return the event of a row with ``EVENT_COLUMNS``."""
    position, source, id_, subject, sequence, data, received, at = cells
    return Event(
        workspace=str(workspace),
        source=source,
        id=id_,
        type=event_type,
        subject=subject,
        used_at=from_micros(at),
        received_at=from_micros(received),
        sequence=sequence,
        data=data,
        position=position,
    )

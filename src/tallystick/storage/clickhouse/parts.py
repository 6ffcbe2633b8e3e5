"""
Events placed into parts: the overlap of a window with a span of their subject.

A part is the half-open stretch from ``a`` to ``b`` (microseconds) of window number ``w``. For most
aggregations an event stands in the parts that contain it. Levels and counters also need, in each
part, the last reading before it: there an event stands in every part from its own instant up to the
next reading of its series (``next_at``), and the last reading before all windows is brought along.
Column ``first_use`` is 1 in the first part of a window that uses the event, so that evidence counts
it once.
"""

from collections.abc import Mapping

from tallystick.metering import RULES, Meter, UsageQuery, stretches_of
from tallystick.storage.clickhouse.bindings import Bindings
from tallystick.storage.clickhouse.matching import matched_events, series_columns
from tallystick.storage.clickhouse.windows import FOREVER, WindowRun, WindowSql, bind_windows

EVENT_COLUMNS = "position, source, id, subject, sequence, data, received, at"


def placed_events(query: UsageQuery, run: WindowRun, bind: Bindings) -> str:
    """Return the query of the events of a run of windows, once for each part that uses them."""
    stretches = stretches_of(query.spans)
    windows = bind_windows(run, bind)
    before_end = f"used_at < fromUnixTimestamp64Micro({bind.whole(run.last)}, 'UTC')"
    since = f"used_at >= fromUnixTimestamp64Micro({bind.whole(run.first)}, 'UTC')"
    before = f"used_at < fromUnixTimestamp64Micro({bind.whole(run.first)}, 'UTC')"
    common = _common_conditions(query, stretches, bind)
    recent = matched_events(query.meter, [*common, since, before_end], bind)
    if not RULES[query.meter.aggregation].carries:
        return _placed(recent, windows, _span_table(stretches, bind), carries=False)
    older = matched_events(query.meter, [*common, before], bind)
    strung = _strung(query.meter, recent, older)
    return _placed(strung, windows, _span_table(stretches, bind), carries=True)


def _common_conditions(
    query: UsageQuery, stretches: Mapping[str, object] | None, bind: Bindings
) -> list[str]:
    conditions = []
    if query.through is not None:
        conditions.append(f"position <= {bind.position(query.through)}")
    if stretches is not None:
        conditions.append(f"subject IN {bind.texts(sorted(stretches))}")
    return conditions


def _span_table(
    stretches: Mapping[str, tuple[tuple[int, int], ...]] | None, bind: Bindings
) -> str | None:
    """Return the query of the spans, or None where every subject is meant for all time."""
    if stretches is None:
        return None
    rows = [(subject, *one) for subject, own in sorted(stretches.items()) for one in own]
    if all((start, end) == (-FOREVER, FOREVER) for _, start, end in rows):
        return None
    subjects = bind.texts([subject for subject, _, _ in rows])
    starts = bind.wholes([start for _, start, _ in rows])
    ends = bind.wholes([end for _, _, end in rows])
    return (
        "SELECT span.1 AS span_subject, span.2 AS span_start, span.3 AS span_end "
        f"FROM (SELECT arrayJoin(arrayZip({subjects}, {starts}, {ends})) AS span)"
    )


def _placed(events: str, windows: WindowSql, spans: str | None, *, carries: bool) -> str:
    start, end = f"{windows.starts}[w]", f"{windows.ends}[w]"
    joined, first_use = f"({events})", "toUInt8(1)"
    if spans is not None:
        joined = f"({events}) AS event INNER JOIN ({spans}) AS owned ON subject = span_subject"
        start, end = f"greatest({start}, span_start)", f"least({end}, span_end)"
        first_use = "row_number() OVER (PARTITION BY w, position ORDER BY a) = 1"
    if carries:
        # next_at = a: the reading at a is inside, this one is what its counter rises from.
        reach = "if(readable, next_at, at)"
        used = "at < b AND (at >= a OR (readable AND next_at >= a))"
        numbers = f"range({windows.ended('at')} + 1, {windows.started(reach)} + 1)"
    else:
        used, first_use = "at >= a AND at < b", "toUInt8(1)"
        numbers = f"[{windows.started('at')}]"
    return (
        f"SELECT *, {first_use} AS first_use FROM ("
        f"SELECT *, arrayJoin({numbers}) AS w, {start} AS a, {end} AS b FROM {joined}"
        f") WHERE w > 0 AND a < b AND {used}"
    )


def _strung(meter: Meter, recent: str, older: str) -> str:
    """Return the readings of each series in order, each knowing its neighbours."""
    series = ", ".join(series_columns(meter))
    columns = f"{EVENT_COLUMNS}, text, value, readable, epoch, {series}"
    kept = "position, source, id, sequence, data, received, at, value, epoch"
    last = ", ".join(f"last.{place} AS {name}" for place, name in enumerate(kept.split(", "), 1))
    carried = (
        f"SELECT {last}, '' AS text, toUInt8(1) AS readable, {series} FROM ("
        f"SELECT {series}, argMax(({kept}), (at, sequence, source, id)) AS last "
        f"FROM ({older}) WHERE readable GROUP BY {series})"
    )
    return (
        f"SELECT {columns}, "
        f"leadInFrame(at, 1, toInt64({FOREVER})) OVER strand AS next_at, "
        "lagInFrame(value) OVER strand AS last_value, "
        "lagInFrame(epoch) OVER strand AS last_epoch, "
        "lagInFrame(toUInt8(1), 1, toUInt8(0)) OVER strand AS has_last "
        f"FROM (SELECT {columns} FROM ({recent}) UNION ALL SELECT {columns} FROM ({carried})) "
        f"WINDOW strand AS (PARTITION BY {series}, readable ORDER BY at, sequence, source, id "
        "ROWS BETWEEN 1 PRECEDING AND 1 FOLLOWING)"
    )

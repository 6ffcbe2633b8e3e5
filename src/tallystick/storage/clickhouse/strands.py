"""
Series in order: each reading with its neighbours, and the last one from before all windows.

The last reading before is looked for in the key columns first: at the latest instant of a subject
there usually is one, and only where there is none the history is read. That holds for meters whose
series are told apart by subject alone; dimensions and filters stand in the data, so their history
is read. Where nothing stands before the windows, nothing is looked for: planning the search takes
longer than all the rest of a small query.
"""

from tallystick.metering import Meter, UsageQuery
from tallystick.storage.clickhouse.bindings import Bindings
from tallystick.storage.clickhouse.matching import matched_events, series_columns
from tallystick.storage.clickhouse.windows import FOREVER, WindowRun

_KEPT = "position, source, id, sequence, data, received, at, value, epoch"


def strung_events(query: UsageQuery, run: WindowRun, common: list[str], bind: Bindings) -> str:
    """
    Return the query of all readings of a run of windows, strung into series.

    Unreadable events are among them, in strands of their own. Columns beside the event's:
    ``next_at`` (far future for none), ``last_value``, ``last_epoch``, ``has_last``.
    """
    meter = query.meter
    series = ", ".join(series_columns(meter))
    columns = f"{_KEPT}, text, readable, {series}"
    since = f"used_at >= fromUnixTimestamp64Micro({bind.whole(run.first)}, 'UTC')"
    before_end = f"used_at < fromUnixTimestamp64Micro({bind.whole(run.last)}, 'UTC')"
    before = f"used_at < fromUnixTimestamp64Micro({bind.whole(run.first)}, 'UTC')"
    recent = matched_events(meter, [*common, since, before_end], bind)
    carried = _carried(meter, [*common, before], bind) if run.has_past else []
    sources = [recent, *carried]
    united = " UNION ALL ".join(f"SELECT {columns} FROM ({source})" for source in sources)
    return (
        f"SELECT {columns}, "
        f"leadInFrame(at, 1, toInt64({FOREVER})) OVER strand AS next_at, "
        "lagInFrame(value) OVER strand AS last_value, "
        "lagInFrame(epoch) OVER strand AS last_epoch, "
        "lagInFrame(toUInt8(1), 1, toUInt8(0)) OVER strand AS has_last "
        f"FROM ({united}) "
        f"WINDOW strand AS (PARTITION BY {series}, readable ORDER BY at, sequence, source, id "
        "ROWS BETWEEN 1 PRECEDING AND 1 FOLLOWING)"
    )


def _carried(meter: Meter, before: list[str], bind: Bindings) -> list[str]:
    """Return the queries that together give the last reading of each series."""
    if meter.dimensions or meter.filters:
        return [_last_readings(meter, before, bind)]
    conditions = " AND ".join([f"type = {bind.text(meter.event_type)}", *before])
    newest = f"SELECT subject, max(used_at) FROM {bind.events} WHERE {conditions} GROUP BY subject"
    at_newest = [*before, f"(subject, used_at) IN ({newest})"]
    found = f"SELECT subject FROM ({matched_events(meter, at_newest, bind)}) WHERE readable"
    return [
        _last_readings(meter, at_newest, bind),
        _last_readings(meter, [*before, f"subject NOT IN ({found})"], bind),
    ]


def _last_readings(meter: Meter, conditions: list[str], bind: Bindings) -> str:
    series = ", ".join(series_columns(meter))
    last = ", ".join(f"last.{place} AS {name}" for place, name in enumerate(_KEPT.split(", "), 1))
    return (
        f"SELECT {last}, '' AS text, toUInt8(1) AS readable, {series} FROM ("
        f"SELECT {series}, argMax(({_KEPT}), (at, sequence, source, id)) AS last "
        f"FROM ({matched_events(meter, conditions, bind)}) WHERE readable GROUP BY {series})"
    )

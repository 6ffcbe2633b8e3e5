"""
Questions answered from roll-ups, and from the events that are not in them.

Taken from the events are: the positions behind the last whole block, the subjects that belong to a
question for a part of its time only, the buckets in which a correction superseded an event, and the
events of backfills that count. Everything else is in roll-ups. A question whose windows do not
begin and end with buckets, or that asks for evidence, is answered from events alone.
"""

from collections.abc import Sequence
from dataclasses import dataclass

from tallystick.kernel import Period, micros
from tallystick.metering import SUBJECT, Aggregation, Belonging, UsageQuery, belonging_of
from tallystick.storage.clickhouse.bindings import Bindings, bindings_of
from tallystick.storage.clickhouse.client import ClickHouse
from tallystick.storage.clickhouse.parts import placed_events
from tallystick.storage.clickhouse.rolled.rollups import RollUps, reading_of
from tallystick.storage.clickhouse.rolled.sizes import RollUpSizes
from tallystick.storage.clickhouse.schema import BACKFILLS, CORRECTIONS, ROWS, select_rollups
from tallystick.storage.clickhouse.totals import Totals
from tallystick.storage.clickhouse.windows import WindowRun, WindowSql, bind_windows

CORRECTED_MAX = 10_000
"""More corrected buckets than this, and a question is answered from events."""

_NUMERATORS = {
    Aggregation.COUNT: "sum(counted)",
    Aggregation.SUM: "sum(total)",
    Aggregation.AVG: "sum(total)",
    Aggregation.MAX: "maxIf(greatest, counted > 0)",
    Aggregation.MIN: "minIf(least, counted > 0)",
}
_AT = "toUnixTimestamp64Micro(used_at)"
_PARTS = "counted, unread, total, least, greatest"


@dataclass(frozen=True, slots=True, kw_only=True)
class Rolled:
    """
    What of a question is in roll-ups.

    Attributes:
        reading: which roll-ups.
        sizes: how they are cut.
        through: the last position that they hold.
        blocks: for each level how many blocks count, from the first on.
        apart: subjects that are taken from the events.
        corrected: subjects and buckets that are taken from the events.
        backfills: whether a backfill may count.
    """

    reading: str
    sizes: RollUpSizes
    through: int
    blocks: tuple[int, ...]
    apart: tuple[str, ...]
    corrected: tuple[tuple[str, int], ...]
    backfills: bool


class RolledFinder:
    """Finds what of a question roll-ups hold."""

    def __init__(self, clickhouse: ClickHouse, rollups: RollUps, *, corrected: bool) -> None:
        """Without `corrected` the workspace holds no corrections and no backfills."""
        self._clickhouse = clickhouse
        self._rollups = rollups
        self._may_be_corrected = corrected

    def find(self, query: UsageQuery, run: WindowRun) -> Rolled | None:
        """Return what roll-ups hold, None where they are of no use."""
        reading, sizes = reading_of(query.meter), self._rollups.sizes
        if not reading or query.through is None or not _is_plain(query, run, sizes):
            return None
        built = self._rollups.blocks(query.workspace, reading)
        blocks = tuple(
            min(count, query.through // sizes.positions(level)) for level, count in enumerate(built)
        )
        through = blocks[0] * sizes.block_events
        corrected = self._corrected(query, through=through) if blocks[0] else ()
        if not blocks[0] or len(corrected) > CORRECTED_MAX:
            return None
        return Rolled(
            reading=reading,
            sizes=sizes,
            through=through,
            blocks=blocks,
            apart=_apart(belonging_of(query.spans, others=query.others), run),
            corrected=corrected,
            backfills=self._has_any(BACKFILLS, query),
        )

    def _has_any(self, source: str, query: UsageQuery) -> bool:
        bind = bindings_of(query)
        statement = f"SELECT 1 FROM {source} LIMIT 1"
        return self._may_be_corrected and bool(self._clickhouse.read(statement, bind.parameters))

    def _corrected(self, query: UsageQuery, *, through: int) -> tuple[tuple[str, int], ...]:
        """Return the buckets in which rolled-up rows no longer count as of the question."""
        superseded = f"(SELECT superseded FROM {CORRECTIONS} WHERE superseded > 0)"
        if not self._has_any(superseded, query):
            return ()
        bind = bindings_of(query)
        statement = (
            f"SELECT DISTINCT subject, {self._rollups.sizes.bucket_of(_AT, bind)} "
            f"FROM {ROWS} WHERE type = {bind.text(query.meter.event_type)} "
            f"AND position <= {bind.position(through)} AND position IN {superseded} "
            f"LIMIT {bind.position(CORRECTED_MAX + 1)}"
        )
        found = self._clickhouse.read(statement, bind.parameters)
        return tuple((str(subject), int(bucket)) for subject, bucket in found)


def rolled_parts(query: UsageQuery, run: WindowRun, rolled: Rolled, bind: Bindings) -> str:
    """Return the query of all parts of a question: ``w``, ``subject``, and what they come to."""
    sources = [_from_rollups(query, run, rolled, bind)]
    sources += [
        f"SELECT w, subject, toUInt64(readable) AS counted, toUInt64(NOT readable) AS unread, "
        "if(readable, value, toDecimal256('0', 18)) AS total, total AS least, total AS greatest "
        f"FROM ({placed_events(query, run, bind, also=conditions)})"
        for conditions in _outside(rolled, bind)
    ]
    return " UNION ALL ".join(sources)


def rolled_totals(query: UsageQuery) -> Totals:
    """Return what the parts of a question come to."""
    average = query.meter.aggregation is Aggregation.AVG
    return Totals(
        numerator=_NUMERATORS[query.meter.aggregation],
        denominator="sum(counted)" if average else "1",
    )


def _is_plain(query: UsageQuery, run: WindowRun, sizes: RollUpSizes) -> bool:
    """Tell whether roll-ups know enough to answer a question, and its windows are of buckets."""
    if query.evidence or query.counted or query.left_out or not set(query.group_by) <= {SUBJECT}:
        return False

    def begins_bucket(window: Period) -> bool:
        return not any(micros(at) % sizes.bucket_micros for at in (window.start, window.end))

    return all(map(begins_bucket, run.windows))


def _apart(belonging: Belonging, run: WindowRun) -> tuple[str, ...]:
    """Return the subjects that count for a part of the time of the windows only."""
    return tuple(
        sorted(
            subject
            for subject, own in belonging.stretches.items()
            if not any(start <= run.first and end >= run.last for start, end in own)
        )
    )


def _from_rollups(query: UsageQuery, run: WindowRun, rolled: Rolled, bind: Bindings) -> str:
    windows = bind_windows(run, bind)
    bucket = rolled.sizes.bucket_micros
    number, end = _window_of("bucket", rolled, windows, bind)
    conditions = [
        f"reading = {bind.text(rolled.reading)}",
        f"({_blocks(rolled, bind)})",
        f"({_rows_used(run, rolled, windows, bind)})",
        f"bucket >= {bind.whole(run.first // bucket)}",
        f"bucket < {bind.whole(run.last // bucket)}",
        *_subjects(query, rolled, bind),
    ]
    if rolled.corrected:
        # A day with a corrected bucket is not used as a day at all, see `_rows_used`.
        pairs = _pairs(rolled.corrected, bind)
        conditions.append(f"(daily OR (subject, bucket) NOT IN ({pairs}))")
    if windows.count > 1:
        conditions.append(f"{number} > 0 AND bucket * {bind.whole(bucket)} < {end}")
    return select_rollups(f"{number} AS w, subject, {_PARTS}", conditions)


def _blocks(rolled: Rolled, bind: Bindings) -> str:
    """Return which blocks make up the positions: of each level those that no higher one holds."""
    above = (*(count * rolled.sizes.fan for count in rolled.blocks[1:]), 0)
    return " OR ".join(
        f"(level = {bind.whole(level)} AND block >= {bind.position(first)} "
        f"AND block < {bind.position(count)})"
        for level, (count, first) in enumerate(zip(rolled.blocks, above, strict=True))
    )


def _window_of(bucket: str, rolled: Rolled, windows: WindowSql, bind: Bindings) -> tuple[str, str]:
    """Return the number of the last window that begins by a bucket, 0 for none, and its end."""
    if windows.count == 1:
        return "toInt64(1)", f"{windows.ends}[1]"
    at = f"({bucket}) * {bind.whole(rolled.sizes.bucket_micros)}"
    number = f"toInt64({windows.started(at)})"
    return number, f"{windows.ends}[{number}]"


def _rows_used(run: WindowRun, rolled: Rolled, windows: WindowSql, bind: Bindings) -> str:
    """
    Return whether a row is used: that of a whole day where all of it counts in one window.

    Blocks of level 0 have no rows of days.
    """
    sizes = rolled.sizes
    day = sizes.day_of("bucket", bind)
    whole = []
    if any(at % sizes.day_micros for edges in (run.starts(), run.ends()) for at in edges):
        number, end = _window_of(day, rolled, windows, bind)
        micros_of_day = f"{day} * {bind.whole(sizes.bucket_micros)}"
        begun = f"{windows.starts}[1] <= {micros_of_day}" if windows.count == 1 else f"{number} > 0"
        whole += [begun, f"{micros_of_day} + {bind.whole(sizes.day_micros)} <= {end}"]
    if rolled.corrected:
        days = {(subject, at - at % sizes.day_buckets) for subject, at in rolled.corrected}
        whole.append(f"(subject, {day}) NOT IN ({_pairs(sorted(days), bind)})")
    if not whole:
        return "daily OR level = 0"
    return f"if(daily, {' AND '.join(whole)}, level = 0 OR NOT ({' AND '.join(whole)}))"


def _subjects(query: UsageQuery, rolled: Rolled, bind: Bindings) -> list[str]:
    """Return which subjects are taken from roll-ups."""
    belonging = belonging_of(query.spans, others=query.others)
    if belonging.others:
        return [f"subject NOT IN {bind.texts(rolled.apart)}"] if rolled.apart else []
    whole = sorted(set(belonging.stretches) - set(rolled.apart))
    return [f"subject IN {bind.texts(whole)}"]


def _outside(rolled: Rolled, bind: Bindings) -> list[list[str]]:
    """Return the conditions of the events that are not in roll-ups; no event meets two of them."""
    behind = f"position > {bind.position(rolled.through)}"
    inside = f"position <= {bind.position(rolled.through)}"
    sources = [[behind]]
    rest = [inside]
    if rolled.apart:
        apart = bind.texts(rolled.apart)
        sources.append([inside, f"subject IN {apart}"])
        rest.append(f"subject NOT IN {apart}")
    if rolled.corrected:
        bucket = rolled.sizes.bucket_of(_AT, bind)
        pairs = _pairs(rolled.corrected, bind)
        sources.append([*rest, f"(subject, {bucket}) IN ({pairs})"])
        rest.append(f"(subject, {bucket}) NOT IN ({pairs})")
    if rolled.backfills:
        sources.append([*rest, "backfill > 0"])
    return sources


def _pairs(corrected: Sequence[tuple[str, int]], bind: Bindings) -> str:
    subjects = bind.texts([subject for subject, _ in corrected])
    buckets = bind.wholes([bucket for _, bucket in corrected])
    return f"SELECT pair.1, pair.2 FROM (SELECT arrayJoin(arrayZip({subjects}, {buckets})) AS pair)"

"""The projection beside the log: what differs is found, taken out, and loaded again."""

import uuid
from collections.abc import Iterable, Iterator, Mapping, Sequence
from decimal import Decimal

import pyarrow as pa
import pyarrow.compute as pc

from tallystick.app.reconcile import Comparison, Group, Logged, Store, Total
from tallystick.metering import Meter
from tallystick.storage.clickhouse.bindings import Bindings
from tallystick.storage.clickhouse.client import ClickHouse
from tallystick.storage.clickhouse.compared.digests import RowDigests
from tallystick.storage.clickhouse.compared.events import ComparedEvents
from tallystick.storage.clickhouse.compared.facts import TARGETS, ComparedFacts
from tallystick.storage.clickhouse.compared.groups import Tallies, day_number, day_sql
from tallystick.storage.clickhouse.corrections import Apart, Row, take_apart
from tallystick.storage.clickhouse.folding import is_compilable
from tallystick.storage.clickhouse.matching import matched_events
from tallystick.storage.clickhouse.projection import EventProjection, one_block, with_fields
from tallystick.storage.clickhouse.schema import INSERT_TARGET, ROWS

_RANGES_MAX = 500
"""Ranges of positions in one statement that takes rows out."""


class ComparedTables:
    """Implements the port of the same purpose; repairs share the projection's one writer."""

    def __init__(self, clickhouse: ClickHouse, projection: EventProjection, *, seed: int) -> None:
        self._clickhouse = clickhouse
        self._projection = projection
        self._events = ComparedEvents(clickhouse, RowDigests(seed))
        self._facts = ComparedFacts(clickhouse)

    def compare(self, logged: Logged, first: int, last: int) -> Comparison:
        tallies = Tallies()
        facts: dict[Store, list[Row]] = {store: [] for store in TARGETS}
        for table in logged(first, last):
            apart = self._apart(table)
            self._events.tallied(_whole(apart), tallies)
            facts[Store.CORRECTIONS] += apart.corrections
            facts[Store.BACKFILLS] += apart.backfills
        found = Comparison()
        for store, rows in facts.items():
            found.include(self._facts.compare(store, rows, first, last))
        if self._events.differing(tallies, first, last):

            def rows_between(start: int, end: int) -> Iterator[pa.Table]:
                return self.rows_of(logged(start, end))

            found.include(self._events.compare(rows_between, first, last))
        return found

    def beyond(self, last: int) -> Comparison:
        found = self._events.beyond(last)
        found.include(self._facts.beyond(last))
        return found

    def mend(self, logged: Logged, first: int, last: int, wrong: Mapping[Store, list[int]]) -> None:
        for store, positions in wrong.items():
            self._take_out(_target(store), positions)
        for table in logged(first, last):
            self._load_again(table, wrong)

    def remove_beyond(self, last: int) -> None:
        for target in (INSERT_TARGET, *TARGETS.values()):
            condition = "position > {last:UInt64} OR position = 0"
            self._clickhouse.remove(target, condition, {"last": last})
        self._projection.forget_position()

    def rows_of(self, tables: Iterable[pa.Table]) -> Iterator[pa.Table]:
        for table in tables:
            yield _whole(self._apart(table))

    def held(self, group: Group, meter: Meter, *, first: int, last: int) -> Total | None:
        if not is_compilable(meter):
            return None
        bind = Bindings(events=ROWS, workspace=str(group.workspace))
        day = day_sql("toUnixTimestamp64Micro(used_at)")
        inside = [
            f"{day} = {bind.whole(day_number(group.day))}",
            f"position >= {bind.position(first)}",
            f"position <= {bind.position(last)}",
        ]
        statement = (
            "SELECT countIf(readable), sumIf(value, readable) "
            f"FROM ({matched_events(meter, inside, bind)})"
        )
        ((rows, value),) = self._clickhouse.read(statement, bind.parameters)
        return Total(rows=int(rows), value=Decimal(value))

    def _apart(self, table: pa.Table) -> Apart:
        return take_apart(table, self._projection.last_corrections(table))

    def _take_out(self, target: str, positions: Sequence[int]) -> None:
        ranges = list(_ranges(positions))
        for at in range(0, len(ranges), _RANGES_MAX):
            bind = Bindings()
            inside = [
                f"(position >= {bind.position(first)} AND position <= {bind.position(last)})"
                for first, last in ranges[at : at + _RANGES_MAX]
            ]
            self._clickhouse.remove(target, " OR ".join(inside), bind.parameters)

    def _load_again(self, table: pa.Table, wrong: Mapping[Store, list[int]]) -> None:
        apart = self._apart(table)
        self._projection.corrected.note(
            {str(row["workspace"]) for row in (*apart.corrections, *apart.backfills)}
        )
        facts = {Store.CORRECTIONS: apart.corrections, Store.BACKFILLS: apart.backfills}
        for store, rows in facts.items():
            chosen = set(wrong.get(store, ()))
            fresh = [row for row in rows if row["position"] in chosen]
            if fresh:
                self._write(TARGETS[store], pa.Table.from_pylist(fresh))
        positions = pa.array(wrong.get(Store.EVENTS, ()), pa.uint64())
        rows = apart.events.filter(pc.is_in(apart.events["position"], value_set=positions))
        if rows.num_rows:
            self._write(INSERT_TARGET, with_fields(rows))

    def _write(self, target: str, rows: pa.Table) -> None:
        """Insert rows; the token is new, since those of the first insertion are remembered."""
        settings = one_block(rows.num_rows, token=f"repair-{uuid.uuid4()}")
        self._clickhouse.write(target, rows, settings)


def _whole(apart: Apart) -> pa.Table:
    """Return the events of a block with every column of the table."""
    rows = with_fields(apart.events)
    if "backfill" in rows.column_names:
        return rows
    return rows.append_column("backfill", pa.array([0] * rows.num_rows, pa.uint64()))


def _target(store: Store) -> str:
    return INSERT_TARGET if store is Store.EVENTS else TARGETS[store]


def _ranges(positions: Sequence[int]) -> Iterator[tuple[int, int]]:
    """Yield first and last of each run of consecutive positions; they ascend."""
    start = end = positions[0] if positions else 0
    for position in positions[1:]:
        if position > end + 1:
            yield start, end
            start = position
        end = position
    if positions:
        yield start, end

"""
Writing the projection: blocks of the log, each once.

A block is a run of consecutive positions. It is inserted by one atomic statement under the token
``first-last``, so that repeating an insertion whose answer was lost changes nothing. Rows that are
already there are cut off before, so that repeating a block after a restart, or one cut differently,
changes nothing either. A block that would leave a hole is refused.

What corrects is written before the events of its block: a reader knows nothing beyond the last
event, so that it sees both or neither.
"""

import uuid
from collections.abc import Sequence

import pyarrow as pa
import pyarrow.compute as pc

from tallystick.app.corrections import LastCorrection
from tallystick.kernel import EngineUnavailable, Misuse
from tallystick.storage.clickhouse.client import ClickHouse
from tallystick.storage.clickhouse.corrections import Row, take_apart, targets_in
from tallystick.storage.clickhouse.noted import CorrectedWorkspaces, WrittenTypes
from tallystick.storage.clickhouse.quoting import quote_numbers
from tallystick.storage.clickhouse.schema import (
    BACKFILLS_TARGET,
    CORRECTIONS_TARGET,
    COUNT_BETWEEN,
    EXTENT,
    INSERT_TARGET,
    LAST_CORRECTIONS,
    LAST_OF,
    PARTS,
    create_schema,
    drop_schema,
)

BLOCK_ROWS_MAX = 1_000_000
_INSTANT = pa.timestamp("us", tz="UTC")
PROJECTION_SCHEMA = pa.schema(
    [
        pa.field("position", pa.uint64()),
        *(pa.field(name, pa.string()) for name in ("workspace", "source", "id", "type", "subject")),
        pa.field("used_at", _INSTANT),
        pa.field("received_at", _INSTANT),
        pa.field("sequence", pa.string()),
        pa.field("data", pa.string()),
    ]
)


class EventProjection:
    """The events of the log in ClickHouse, in the order of their positions; one writer."""

    def __init__(self, clickhouse: ClickHouse) -> None:
        self._clickhouse = clickhouse
        create_schema(clickhouse)
        self._covered: int | None = None
        self._apart = ""
        self.corrected = CorrectedWorkspaces(clickhouse)
        self.arrivals = WrittenTypes()

    def insert(self, table: pa.Table) -> int:
        """
        Insert a block and return how many of its rows were new.

        Args:
            table: the columns of ``PROJECTION_SCHEMA``, positions ascending without a hole, at most
                a million rows.

        Raises:
            Misuse: other columns, or positions that leave a hole.
            EngineUnavailable: whether the block is there is not known; insert it again.
        """
        block = _checked(table)
        if not block.num_rows:
            return 0
        first, last = block["position"][0].as_py(), block["position"][-1].as_py()
        covered = self._known_position()
        if last <= covered:
            return 0
        if covered and first > covered + 1:
            raise Misuse(f"block {first}-{last} would leave a hole after position {covered}")
        fresh = block.slice(max(0, covered + 1 - first))
        self._write(fresh, token=f"{max(first, covered + 1)}-{last}")
        return int(fresh.num_rows)

    def max_position(self) -> int:
        """Return the last position that is there; 0 for none."""
        return int(self._clickhouse.read(EXTENT, {})[0][0])

    def count(self, first: int, last: int) -> int:
        """Return how many events stand between two positions, both inclusive."""
        return int(self._clickhouse.read(COUNT_BETWEEN, {"first": first, "last": last})[0][0])

    def parts(self) -> int:
        """Return how many parts the projection is stored in; many slow it down."""
        return int(self._clickhouse.read_as_writer(PARTS)[0][0])

    def rebuild(self) -> None:
        """Empty the projection, so that the log can be loaded into it from the start."""
        drop_schema(self._clickhouse)
        create_schema(self._clickhouse)
        self._covered = None
        self._apart = ""

    def last_corrections(self, block: pa.Table) -> dict[int, LastCorrection]:
        """Return the last correction before a block of each event that it corrects."""
        targets = targets_in(block)
        if not targets:
            return {}
        asked = {"targets": targets, "before": block["position"][0].as_py()}
        return {
            target: LastCorrection(position=position, amends=amends)
            for target, position, amends in self._clickhouse.read(LAST_CORRECTIONS, asked)
        }

    def forget_position(self) -> None:
        """
        Look again how far the projection reaches, after rows were taken out.

        Positions may come a second time now, and the engine remembers their tokens: from here on
        tokens are others.
        """
        self._covered = None
        self._apart = f"-{uuid.uuid4()}"

    def _known_position(self) -> int:
        if self._covered is None:
            self._covered = self.max_position()
        return self._covered

    def _write(self, block: pa.Table, *, token: str) -> None:
        apart = take_apart(block, self.last_corrections(block))
        rows = (*apart.corrections, *apart.backfills)
        changed = {str(row["workspace"]) for row in rows} | apart.holding
        self.corrected.note(changed)
        self.arrivals.note(apart.events, changed=changed)
        self._write_corrections(CORRECTIONS_TARGET, apart.corrections)
        self._write_corrections(BACKFILLS_TARGET, apart.backfills)
        self._write_events(apart.events, token=token)

    def _write_corrections(self, target: str, rows: Sequence[Row]) -> None:
        """Insert what is not there yet from an attempt that was broken off before its events."""
        if not rows:
            return
        last = int(self._clickhouse.read(LAST_OF[target], {})[0][0])
        fresh = [row for row in rows if int(str(row["position"])) > last]
        if fresh:
            table = pa.Table.from_pylist(fresh)
            self._clickhouse.write(
                target, table, one_block(len(fresh), token=self._token_of(fresh))
            )

    def _token_of(self, rows: Sequence[Row]) -> str:
        return f"{rows[0]['position']}-{rows[-1]['position']}{self._apart}"

    def _write_events(self, block: pa.Table, *, token: str) -> None:
        settings = one_block(block.num_rows, token=f"{token}{self._apart}")
        try:
            self._clickhouse.write(INSERT_TARGET, with_fields(block), settings)
        except EngineUnavailable:
            self._covered = None
            raise
        self._covered = int(block["position"][-1].as_py())


def with_fields(block: pa.Table) -> pa.Table:
    """Return rows with the column that holds numbers in quotes."""
    quoted = [quote_numbers(chunk) for chunk in block["data"].chunks]
    return block.append_column("fields", pa.chunked_array(quoted, pa.string()))


def one_block(rows: int, *, token: str) -> dict[str, object]:
    return {
        "insert_deduplication_token": token,
        "insert_deduplicate": 1,
        "async_insert": 0,
        # One block, hence one part, hence all or nothing.
        "max_insert_block_size": rows,
        "min_insert_block_size_rows": rows,
        "min_insert_block_size_bytes": 0,
        "max_insert_threads": 1,
    }


def _checked(table: pa.Table) -> pa.Table:
    names = PROJECTION_SCHEMA.names
    missing = [name for name in names if name not in table.column_names]
    if missing:
        raise Misuse(f"a block needs the column {missing[0]}")
    if table.num_rows > BLOCK_ROWS_MAX:
        raise Misuse(f"a block has at most {BLOCK_ROWS_MAX} rows, not {table.num_rows}")
    block = table.select(names).cast(PROJECTION_SCHEMA).combine_chunks()
    if block.num_rows > 1:
        steps = pc.min_max(pc.pairwise_diff(block["position"].combine_chunks().cast(pa.int64())))
        if (steps["min"].as_py(), steps["max"].as_py()) != (1, 1):
            raise Misuse("the positions of a block follow one another without a hole")
    return block

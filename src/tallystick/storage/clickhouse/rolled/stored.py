"""
The rows of rolled-up blocks, and the note that a block is there.

A block may come again after it was dropped, so that the tokens of insertions are new each time. A
block that is not noted is read by nobody; what an attempt left of it is taken out before the next.
"""

import uuid

import pyarrow as pa

from tallystick.kernel import WorkspaceId
from tallystick.storage.clickhouse.bindings import Bindings
from tallystick.storage.clickhouse.client import ClickHouse
from tallystick.storage.clickhouse.projection import one_block
from tallystick.storage.clickhouse.schema import ROLLED, ROLLED_TARGET, ROLLUPS, ROLLUPS_TARGET

ROWS_MAX = 1 << 40
"""More rows than any block comes to, so that one insertion makes one part."""


class StoredBlocks:
    """Writes and drops blocks; one writer."""

    def __init__(self, clickhouse: ClickHouse) -> None:
        self._clickhouse = clickhouse

    def replace(
        self, statement: str, bind: Bindings, reading: str, *, level: int, block: int
    ) -> None:
        """
        Store the rows of a block and then that they are there; both may be done again.

        What an attempt that was broken off left of the block is taken out first.
        """
        workspace = bind.parameters["workspace"]
        insert = (
            f"INSERT INTO {ROLLUPS_TARGET} (workspace, reading, daily, level, block, subject, "
            "bucket, counted, unread, total, least, greatest) "
            f"SELECT {{workspace:String}}, {bind.text(reading)}, daily_rows, toUInt8({level}), "
            f"{bind.position(block)}, subject, starts, counted_all, unread_all, "
            "toDecimal256(total_all, 18), toDecimal256(least_all, 18), "
            f"toDecimal256(greatest_all, 18) FROM ({statement})"
        )
        self.remove(WorkspaceId(workspace), reading, level=level, first=block)
        self._clickhouse.derive(insert, bind.parameters, one_block(ROWS_MAX, token=_token()))
        self.note(WorkspaceId(workspace), reading, level=level, block=block)

    def note(self, workspace: WorkspaceId, reading: str, *, level: int, block: int) -> None:
        """Store that a block is rolled up."""
        row = {"workspace": str(workspace), "reading": reading, "level": level, "block": block}
        self._clickhouse.write(
            ROLLED_TARGET, pa.Table.from_pylist([row]), one_block(1, token=_token())
        )

    def remove(self, workspace: WorkspaceId, reading: str, *, level: int, first: int) -> None:
        """Take out what there is of a level from a block on."""
        inside = "reading = {reading:String} AND level = {level:UInt8} AND block >= {first:UInt64}"
        asked = {
            "workspace": str(workspace),
            "reading": reading,
            "level": level,
            "first": first,
        }
        for source, target in ((ROLLED, ROLLED_TARGET), (ROLLUPS, ROLLUPS_TARGET)):
            if self._clickhouse.read(f"SELECT 1 FROM {source} WHERE {inside} LIMIT 1", asked):
                condition = f"workspace = {{workspace:String}} AND {inside}"
                self._clickhouse.remove(target, condition, asked)


def _token() -> str:
    """Return a token of its own for an insertion: a block that was dropped may come again."""
    return str(uuid.uuid4())

"""
Roll-ups: what the rows of a block of positions come to, for each subject and bucket of time.

A block is a fixed range of log positions, so that rolling it up again gives the same rows, and an
answer as of any position takes the blocks before it and reads the rest from the events. Blocks of
level 1 are made of ``fan`` blocks of level 0. What a meter reads from an event is its *reading*;
meters that read the same share their roll-ups.

Rolled up are all rows of a block that came without a backfill, also those that a correction
superseded since: who reads leaves the corrected buckets out and takes them from the events.
"""

import hashlib
import threading
from collections.abc import Callable
from dataclasses import dataclass
from functools import lru_cache

from tallystick.kernel import WorkspaceId
from tallystick.metering import Aggregation, Meter
from tallystick.storage.clickhouse.bindings import Bindings
from tallystick.storage.clickhouse.client import ClickHouse
from tallystick.storage.clickhouse.folding import is_compilable
from tallystick.storage.clickhouse.matching import matched_events
from tallystick.storage.clickhouse.rolled.stored import StoredBlocks
from tallystick.storage.clickhouse.schema import ROLLED, ROLLUPS, ROWS

ROLLABLE = frozenset(
    {Aggregation.COUNT, Aggregation.SUM, Aggregation.AVG, Aggregation.MAX, Aggregation.MIN}
)
"""Aggregations whose parts make the whole, whatever the order."""
_LEVELS = 2


@dataclass(frozen=True, slots=True, kw_only=True)
class RollUpSizes:
    """
    How roll-ups are cut.

    Attributes:
        block_events: positions in a block of level 0.
        fan: blocks of level 0 in one of level 1.
        bucket_micros: length of a bucket; every local midnight begins one.
    """

    block_events: int = 1 << 16
    fan: int = 8
    bucket_micros: int = 900_000_000

    def positions(self, level: int) -> int:
        """Return how many positions a block of a level has."""
        size = self.block_events
        for _ in range(level):
            size *= self.fan
        return size

    def bucket_of(self, at: str, bind: Bindings) -> str:
        """Return the bucket of an instant, both as SQL; rounded down also before 1970."""
        size = bind.whole(self.bucket_micros)
        return f"toInt64(intDiv({at}, {size}) - ({at} < 0 AND {at} % {size} != 0))"


@lru_cache(maxsize=4096)
def reading_of(meter: Meter) -> str:
    """Return what names the reading of a meter; empty where it cannot be rolled up."""
    if meter.aggregation not in ROLLABLE or not is_compilable(meter):
        return ""
    read = (meter.event_type, meter.value, meter.filters, meter.conditions, meter.negative_allowed)
    return hashlib.sha256(repr(read).encode()).hexdigest()[:32]


class RollUps:
    """Rolls blocks up, each once and in order; one writer."""

    def __init__(self, clickhouse: ClickHouse, sizes: RollUpSizes | None = None) -> None:
        self._clickhouse = clickhouse
        self.sizes = sizes or RollUpSizes()
        self._built: dict[tuple[WorkspaceId, str], tuple[int, ...]] = {}
        self._stored = StoredBlocks(clickhouse)
        self._turn = threading.RLock()

    def blocks(self, workspace: WorkspaceId, reading: str) -> tuple[int, ...]:
        """
        Return for each level how many blocks from the first on are rolled up.

        It is remembered, since nobody else writes.
        """
        if (workspace, reading) in self._built:
            return self._built[workspace, reading]
        statement = (
            f"SELECT level, max(block) + 1 FROM {ROLLED} WHERE reading = {{reading:String}} "
            "GROUP BY level"
        )
        asked = {"workspace": str(workspace), "reading": reading}
        found = {int(level): int(count) for level, count in self._clickhouse.read(statement, asked)}
        built = tuple(found.get(level, 0) for level in range(_LEVELS))
        self._built[workspace, reading] = built
        return built

    def roll_up(
        self,
        workspace: WorkspaceId,
        meter: Meter,
        *,
        through: int,
        going: Callable[[], bool] = lambda: True,
    ) -> int:
        """
        Roll up whole blocks that are not yet; return how many were done.

        Args:
            workspace: whose events.
            meter: what to read from them; one that cannot be rolled up is passed over.
            through: the last position to look at; the projection covers it.
            going: asked before each block; False ends it early.

        """
        reading = reading_of(meter)
        if not reading:
            return 0
        with self._turn:
            return self._roll_up(workspace, meter, reading, through=through, going=going)

    def forget(self, workspace: WorkspaceId, reading: str, *, block: int) -> None:
        """
        Drop what is rolled up from a block of level 0 on; it is rolled up anew when it is due.

        Questions are answered from events before anything is gone.
        """
        with self._turn:
            level_0, level_1 = self.blocks(workspace, reading)
            above = block // self.sizes.fan
            self._built[workspace, reading] = (min(level_0, block), min(level_1, above))
            for level, first in enumerate((block, above)):
                self._stored.remove(workspace, reading, level=level, first=first)

    def _roll_up(
        self,
        workspace: WorkspaceId,
        meter: Meter,
        reading: str,
        *,
        through: int,
        going: Callable[[], bool],
    ) -> int:
        done = list(self.blocks(workspace, reading))
        if through < (done[0] + 1) * self.sizes.block_events:
            return 0
        if not done[0]:
            done[0] = self._begin(workspace, meter, reading, through=through)
        rolled = 0
        # Positions begin with 1: block k holds those from k * size + 1 to (k + 1) * size.
        while through >= (done[0] + 1) * self.sizes.block_events and going():
            self._roll_events(workspace, meter, reading, block=done[0])
            done[0], rolled = done[0] + 1, rolled + 1
            self._built[workspace, reading] = tuple(done)
        done[1] = max(done[1], self._first_above(workspace, reading))
        while done[0] >= (done[1] + 1) * self.sizes.fan and going():
            self._roll_blocks(workspace, reading, block=done[1])
            done[1], rolled = done[1] + 1, rolled + 1
        self._built[workspace, reading] = tuple(done)
        return rolled

    def _begin(self, workspace: WorkspaceId, meter: Meter, reading: str, *, through: int) -> int:
        """Return the first block with an event of the meter; those before it need no rows."""
        statement = f"SELECT min(position) FROM {ROWS} WHERE type = {{type:String}}"
        asked = {"workspace": str(workspace), "type": meter.event_type}
        first = int(self._clickhouse.read(statement, asked)[0][0]) or through + 1
        block = (first - 1) // self.sizes.block_events
        if block:
            self._stored.note(workspace, reading, level=0, block=block - 1)
        return block

    def _first_above(self, workspace: WorkspaceId, reading: str) -> int:
        statement = (
            f"SELECT min(block) FROM {ROLLED} WHERE reading = {{reading:String}} AND level = 0"
        )
        asked = {"workspace": str(workspace), "reading": reading}
        return int(self._clickhouse.read(statement, asked)[0][0]) // self.sizes.fan

    def _roll_events(
        self, workspace: WorkspaceId, meter: Meter, reading: str, *, block: int
    ) -> None:
        bind = Bindings(events=ROWS, workspace=str(workspace))
        size = self.sizes.block_events
        inside = [
            f"position > {bind.position(block * size)}",
            f"position <= {bind.position((block + 1) * size)}",
        ]
        statement = (
            f"SELECT subject, {self.sizes.bucket_of('at', bind)} AS bucket, "
            "countIf(readable) AS counted_all, "
            "countIf(NOT readable) AS unread_all, sumIf(value, readable) AS total, "
            "minIf(value, readable) AS least, maxIf(value, readable) AS greatest "
            f"FROM ({matched_events(meter, inside, bind)}) GROUP BY subject, bucket"
        )
        self._stored.replace(statement, bind, reading, level=0, block=block)

    def _roll_blocks(self, workspace: WorkspaceId, reading: str, *, block: int) -> None:
        bind = Bindings(workspace=str(workspace))
        fan = self.sizes.fan
        statement = (
            "SELECT subject, bucket, sum(counted) AS counted_all, "
            "sum(unread) AS unread_all, sum(total) AS total, "
            "minIf(least, counted > 0) AS least, maxIf(greatest, counted > 0) AS greatest "
            f"FROM {ROLLUPS} WHERE reading = {bind.text(reading)} AND level = 0 "
            f"AND block >= {bind.position(block * fan)} "
            f"AND block < {bind.position((block + 1) * fan)} GROUP BY subject, bucket"
        )
        self._stored.replace(statement, bind, reading, level=1, block=block)

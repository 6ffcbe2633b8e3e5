"""
Roll-ups: what the rows of a block of positions come to, for each subject and bucket of time.

A block is a fixed range of log positions, so that rolling it up again gives the same rows, and an
answer as of any position takes the blocks before it and reads the rest from the events. A block of
a level above is made of ``fan`` blocks of the level below, and is also kept by whole days (UTC), so
that a month of many subjects is few rows. What a meter reads from an event is its *reading*; meters
that read the same share their roll-ups.

Rolled up are all rows of a block that came without a backfill, also those that a correction
superseded since: who reads leaves the corrected buckets out and takes them from the events.
"""

import hashlib
import threading
from collections.abc import Callable
from functools import lru_cache

from tallystick.kernel import WorkspaceId
from tallystick.metering import Aggregation, Meter
from tallystick.storage.clickhouse.bindings import Bindings
from tallystick.storage.clickhouse.client import ClickHouse
from tallystick.storage.clickhouse.folding import is_compilable
from tallystick.storage.clickhouse.rolled.sizes import RollUpSizes
from tallystick.storage.clickhouse.rolled.stored import StoredBlocks
from tallystick.storage.clickhouse.rolled.sums import sums_of_blocks, sums_of_events
from tallystick.storage.clickhouse.schema import ROLLED, ROWS

ROLLABLE = frozenset(
    {Aggregation.COUNT, Aggregation.SUM, Aggregation.AVG, Aggregation.MAX, Aggregation.MIN}
)
"""Aggregations whose parts make the whole, whatever the order."""
_LEVELS = 3


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

    def first_position(self, workspace: WorkspaceId, meter: Meter) -> int:
        """Return the position of the first event of the meter's type; 0 for none."""
        statement = f"SELECT min(position) FROM {ROWS} WHERE type = {{type:String}}"
        asked = {"workspace": str(workspace), "type": meter.event_type}
        return int(self._clickhouse.read(statement, asked)[0][0])

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
            built = self.blocks(workspace, reading)
            firsts = [block // self.sizes.fan**level for level in range(_LEVELS)]
            self._built[workspace, reading] = tuple(map(min, built, firsts))
            # The highest first: what a lower level lacks, none above it may hold.
            for level, first in reversed(list(enumerate(firsts))):
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
        before = sum(done)
        # Positions begin with 1: block k holds those from k * size + 1 to (k + 1) * size.
        while through >= (done[0] + 1) * self.sizes.block_events and going():
            self._roll_events(workspace, meter, reading, block=done[0])
            done[0] += 1
            self._built[workspace, reading] = tuple(done)
        skipped = self._roll_above(workspace, reading, done, going)
        return sum(done) - before - skipped

    def _roll_above(
        self, workspace: WorkspaceId, reading: str, done: list[int], going: Callable[[], bool]
    ) -> int:
        """Roll up the levels above the first; return how many blocks without events it passed."""
        skipped = 0
        for level in range(1, _LEVELS):
            if not done[level]:
                first = self._first_block(workspace, reading) // self.sizes.fan**level
                done[level], skipped = first, skipped + first
            while done[level - 1] >= (done[level] + 1) * self.sizes.fan and going():
                self._roll_blocks(workspace, reading, level=level, block=done[level])
                done[level] += 1
                self._built[workspace, reading] = tuple(done)
        self._built[workspace, reading] = tuple(done)
        return skipped

    def _begin(self, workspace: WorkspaceId, meter: Meter, reading: str, *, through: int) -> int:
        """Return the first block with an event of the meter; those before it need no rows."""
        first = self.first_position(workspace, meter) or through + 1
        block = (first - 1) // self.sizes.block_events
        if block:
            self._stored.note(workspace, reading, level=0, block=block - 1)
        return block

    def _first_block(self, workspace: WorkspaceId, reading: str) -> int:
        statement = (
            f"SELECT min(block) FROM {ROLLED} WHERE reading = {{reading:String}} AND level = 0"
        )
        asked = {"workspace": str(workspace), "reading": reading}
        return int(self._clickhouse.read(statement, asked)[0][0])

    def _roll_events(
        self, workspace: WorkspaceId, meter: Meter, reading: str, *, block: int
    ) -> None:
        bind = Bindings(events=ROWS, workspace=str(workspace))
        statement = sums_of_events(meter, self.sizes, bind, block=block)
        self._stored.replace(statement, bind, reading, level=0, block=block)

    def _roll_blocks(self, workspace: WorkspaceId, reading: str, *, level: int, block: int) -> None:
        bind = Bindings(workspace=str(workspace))
        statement = sums_of_blocks(reading, self.sizes, bind, level=level, block=block)
        self._stored.replace(statement, bind, reading, level=level, block=block)

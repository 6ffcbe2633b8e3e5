"""
The identities of the open segment: a hash table in memory, compiled.

Records stand in the order of their positions, four words each as in a run; slots lead from a key to
its record. The key is a uniform hash, so that its low bits choose the slot; a taken slot passes on
to the next (linear probing), and the table is never more than half full.
"""

import numpy as np
import numpy.typing as npt

from tallystick.app.compiled import compiled
from tallystick.app.ingest import Known

Words = npt.NDArray[np.uint64]
Slots = npt.NDArray[np.int64]

_RECORDS_FIRST = 1024


class IdentityTable:
    """Keys with their digests and positions; nothing is ever taken out of it."""

    def __init__(self) -> None:
        self._records = np.empty((_RECORDS_FIRST, 4), np.uint64)
        self._slots = np.full(2 * _RECORDS_FIRST, -1, np.int64)
        self._count = 0

    def __len__(self) -> int:
        return self._count

    @property
    def records(self) -> Words:
        """A row of key (two words), digest and position for each identity, by position."""
        return self._records[: self._count]

    def find(self, keys: Words) -> Known:
        """Return for each key, two words a row, what is known; position 0 where nothing is."""
        position, digest = np.zeros(len(keys), np.uint64), np.zeros(len(keys), np.uint64)
        _find(keys, self._slots, self._records, position, digest)
        return Known(position, digest)

    def add(self, keys: Words, digests: Words, *, first_position: int) -> None:
        """Remember keys that are not here yet, and that were appended from this position on."""
        self._grow(self._count + len(keys))
        rows = slice(self._count, self._count + len(keys))
        self._records[rows, :2] = keys
        self._records[rows, 2] = digests
        self._records[rows, 3] = np.arange(
            first_position, first_position + len(keys), dtype=np.uint64
        )
        _link(self._records, rows.start, rows.stop, self._slots)
        self._count = rows.stop

    def _grow(self, count: int) -> None:
        capacity = len(self._records)
        if count <= capacity:
            return
        while capacity < count:
            capacity *= 2
        records = np.empty((capacity, 4), np.uint64)
        records[: self._count] = self.records
        self._records = records
        self._slots = np.full(2 * capacity, -1, np.int64)
        _link(records, 0, self._count, self._slots)


@compiled
def _find(keys: Words, slots: Slots, records: Words, position: Words, digest: Words) -> None:
    mask = len(slots) - 1
    for row in range(len(keys)):
        high, low = keys[row, 0], keys[row, 1]
        slot = np.int64(high & np.uint64(mask))
        while slots[slot] >= 0:
            record = slots[slot]
            if records[record, 0] == high and records[record, 1] == low:
                digest[row], position[row] = records[record, 2], records[record, 3]
                break
            slot = (slot + 1) & mask


@compiled
def _link(records: Words, start: int, stop: int, slots: Slots) -> None:
    mask = len(slots) - 1
    for record in range(start, stop):
        slot = np.int64(records[record, 0] & np.uint64(mask))
        while slots[slot] >= 0:
            slot = (slot + 1) & mask
        slots[slot] = record

"""Repeats within one append: for each key the row where it stands first; compiled."""

import numpy as np
import numpy.typing as npt

from tallystick.app.compiled import compiled
from tallystick.app.ingest.hashing import Places, Words


def first_rows(keys: Words) -> Places:
    """Return for each row (two words of a keyed hash) the first row with the same key."""
    slots = np.full(1 << max(4, (2 * len(keys)).bit_length()), -1, np.int64)
    return _first_rows(keys, slots)


@compiled
def _first_rows(keys: Words, slots: Places) -> npt.NDArray[np.int64]:
    mask = len(slots) - 1
    firsts = np.empty(len(keys), np.int64)
    for row in range(len(keys)):
        high, low = keys[row, 0], keys[row, 1]
        slot = np.int64(high & np.uint64(mask))
        while slots[slot] >= 0:
            there = slots[slot]
            if keys[there, 0] == high and keys[there, 1] == low:
                break
            slot = (slot + 1) & mask
        if slots[slot] < 0:
            slots[slot] = row
        firsts[row] = slots[slot]
    return firsts

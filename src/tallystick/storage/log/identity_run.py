"""
Sorted runs of event identities: what is known of events that are no longer in memory.

A run is a file of 32-byte records sorted by key, mapped into memory, with a bitmap of about 16
bits a key beside it: one look at the bitmap answers for 15 of 16 keys that are new. Keys are
uniform hashes, so that the bitmap needs no hash of its own.

Record, little endian: key (two unsigned 64-bit words), digest (64 bits), position (64 bits).
"""

import os
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import numpy.typing as npt

from tallystick.storage.log.segment import write_durably

RECORD = np.dtype([("high", "<u8"), ("low", "<u8"), ("digest", "<u8"), ("position", "<u8")])
RUN_SUFFIX = ".run"
FILTER_SUFFIX = ".bits"
_FILTER_BITS_PER_KEY = 16

Records = npt.NDArray[np.void]
Words = npt.NDArray[np.uint64]


@dataclass(frozen=True, slots=True, kw_only=True)
class Hits:
    """For each probed key: found or not, and then its digest and position."""

    found: npt.NDArray[np.bool_]
    digest: Words
    position: Words


class IdentityRun:
    """One sorted run, read-only."""

    def __init__(self, path: Path) -> None:
        self.path = path
        self._records: Records = np.memmap(path, dtype=RECORD, mode="r")
        self._high: Words = self._records["high"]
        self._bits = np.memmap(path.with_suffix(FILTER_SUFFIX), dtype=np.uint8, mode="r")
        self._shift = np.uint64(64 - _filter_width(len(self._records)))

    def __len__(self) -> int:
        return len(self._records)

    @property
    def records(self) -> Records:
        """All records, sorted."""
        return self._records

    def probe(self, high: Words, low: Words, *, hits: Hits) -> None:
        """Look up keys and mark in `hits` those that this run holds."""
        slot = high >> self._shift
        maybe = self._bits[slot >> np.uint64(3)] >> (slot & np.uint64(7)).astype(np.uint8) & 1
        candidates = np.flatnonzero(maybe)
        if not len(candidates):
            return
        start = np.searchsorted(self._high, high[candidates], side="left")
        for index, row in zip(candidates.tolist(), start.tolist(), strict=True):
            self._match(index, row, high=high, low=low, hits=hits)

    def _match(self, index: int, row: int, *, high: Words, low: Words, hits: Hits) -> None:
        while row < len(self._records) and self._high[row] == high[index]:
            record = self._records[row]
            if record["low"] == low[index]:
                hits.found[index] = True
                hits.digest[index] = record["digest"]
                hits.position[index] = record["position"]
                return
            row += 1


def write_run(path: Path, records: Records) -> IdentityRun:
    """Sort records, write them and their bitmap durably, and open the run."""
    order = np.argsort(records["high"], kind="stable")
    ordered = records[order]
    width = _filter_width(len(ordered))
    bits = np.zeros(_filter_bytes(len(ordered)), dtype=np.uint8)
    slot = ordered["high"] >> np.uint64(64 - width)
    np.bitwise_or.at(
        bits, slot >> np.uint64(3), np.left_shift(1, (slot & np.uint64(7))).astype(np.uint8)
    )
    write_durably(path.with_suffix(FILTER_SUFFIX), bits.tobytes())
    write_durably(path, ordered.tobytes())
    return IdentityRun(path)


def is_whole(path: Path, *, count: int) -> bool:
    """Tell whether a run of so many records and its bitmap are there in full."""
    bitmap = path.with_suffix(FILTER_SUFFIX)
    return (
        bitmap.exists()
        and bitmap.stat().st_size == _filter_bytes(count)
        and path.stat().st_size == count * RECORD.itemsize
    )


def remove_run(run: IdentityRun) -> None:
    """Delete a run that another one has absorbed."""
    for path in (run.path, run.path.with_suffix(FILTER_SUFFIX)):
        os.unlink(path)  # noqa: PTH108 - mapped files stay readable for who holds them


def _filter_width(count: int) -> int:
    return max(3, (max(count, 1) * _FILTER_BITS_PER_KEY - 1).bit_length())


def _filter_bytes(count: int) -> int:
    return (1 << _filter_width(count)) >> 3

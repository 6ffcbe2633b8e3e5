"""
Sorted runs of event identities: what is known of events that are no longer in memory.

A run is a file of 32-byte records sorted by key, mapped into memory, with a filter of 16 bits a key
beside it. The filter is a Bloom filter in blocks of 64 bytes, one line of the processor's cache:
the first word of a key chooses the block, the second four bits in it, so that all but about four in
a thousand new keys are answered by one look. Keys are uniform hashes, so that the filter needs no
hash of its own, and a record is looked for where a uniform key should be.

Record, little endian: key (two unsigned 64-bit words), digest (64 bits), position (64 bits).
"""

import os
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import numpy.typing as npt

from tallystick.app.compiled import compiled
from tallystick.app.ingest import Known
from tallystick.storage.log.segment import sync_directory

RUN_SUFFIX = ".run"
FILTER_SUFFIX = ".bits"
RECORD_BYTES = 32
_BLOCK_BYTES = 64
_KEYS_PER_BLOCK = 32
_PARTITIONS = 256

Words = npt.NDArray[np.uint64]
Bits = npt.NDArray[np.uint8]
Rows = npt.NDArray[np.int64]


@dataclass(frozen=True, slots=True)
class IdentityRun:
    """One sorted run, read-only: a row of four words for each identity."""

    path: Path
    records: Words
    bits: Bits

    def __len__(self) -> int:
        return len(self.records)

    def probe(self, keys: Words, rows: Rows, known: Known) -> None:
        """Look up some rows of keys and note in `known` what this run holds of them."""
        _probe(keys, rows, self.records, self.bits, known.position, known.digest)


def open_run(path: Path) -> IdentityRun:
    """Map a run into memory."""
    records = np.memmap(path, dtype="<u8", mode="r").reshape(-1, 4)
    bits = np.memmap(path.with_suffix(FILTER_SUFFIX), dtype=np.uint8, mode="r")
    return IdentityRun(path, np.asarray(records), np.asarray(bits))


def write_run(path: Path, tables: Sequence[Words]) -> IdentityRun:
    """
    Sort the records of several tables, write them and their filter durably, and open the run.

    Sorted tables (runs) are merged in parts, so that memory does not grow with them; a single one
    may stand in any order.
    """
    count = sum(len(table) for table in tables)
    bits = np.zeros(_filter_bytes(count), np.uint8)
    parts = _merged(tables) if len(tables) > 1 else iter([_sorted(tables[0])])
    fresh = path.with_suffix(".new")
    with fresh.open("wb") as file:
        for part in parts:
            _mark(part, bits)
            file.write(part.tobytes())
        file.flush()
        os.fsync(file.fileno())
    with path.with_suffix(FILTER_SUFFIX).open("wb") as file:
        file.write(bits.tobytes())
        file.flush()
        os.fsync(file.fileno())
    fresh.replace(path)
    sync_directory(path.parent)
    return open_run(path)


def is_whole(path: Path, *, count: int) -> bool:
    """Tell whether a run of so many records and its filter are there in full."""
    bits = path.with_suffix(FILTER_SUFFIX)
    return (
        bits.exists()
        and bits.stat().st_size == _filter_bytes(count)
        and path.stat().st_size == count * RECORD_BYTES
    )


def remove_run(run: IdentityRun) -> None:
    """Delete a run that another one has absorbed."""
    for path in (run.path, run.path.with_suffix(FILTER_SUFFIX)):
        os.unlink(path)  # noqa: PTH108 - mapped files stay readable for who holds them


def _filter_bytes(count: int) -> int:
    return _BLOCK_BYTES * (count // _KEYS_PER_BLOCK + 1)


def _sorted(records: Words) -> Words:
    return records[np.argsort(records[:, 0], kind="stable")]


def _merged(tables: Sequence[Words]) -> Iterator[Words]:
    """Yield sorted tables as one, in parts of the keys' range."""
    starts = [0] * len(tables)
    for part in range(1, _PARTITIONS + 1):
        ends = [
            len(table) if part == _PARTITIONS else int(_first_from(table, np.uint64(part << 56)))
            for table in tables
        ]
        slices = [table[a:b] for table, a, b in zip(tables, starts, ends, strict=True)]
        yield _sorted(np.concatenate(slices))
        starts = ends


@compiled
def _first_from(records: Words, high: np.uint64) -> int:
    """Return the first row whose first word is not below this one."""
    low, top = 0, len(records)
    while low < top:
        middle = (low + top) >> 1
        if records[middle, 0] < high:
            low = middle + 1
        else:
            top = middle
    return low


@compiled
def _block(high: np.uint64, bits: Bits) -> int:
    """Return where the block of a key begins: the first word scaled to the number of blocks."""
    blocks = np.uint64(len(bits) >> 6)
    return int(((high >> np.uint64(32)) * blocks) >> np.uint64(32)) << 6


@compiled
def _mark(records: Words, bits: Bits) -> None:
    for row in range(len(records)):
        block, low = _block(records[row, 0], bits), records[row, 1]
        for _ in range(4):
            bit = np.int64(low & np.uint64(511))
            bits[block + (bit >> 3)] |= np.uint8(1 << (bit & 7))
            low >>= np.uint64(9)


@compiled
def _may_hold(high: np.uint64, low: np.uint64, bits: Bits) -> bool:
    block = _block(high, bits)
    for _ in range(4):
        bit = np.int64(low & np.uint64(511))
        if not bits[block + (bit >> 3)] & np.uint8(1 << (bit & 7)):
            return False
        low >>= np.uint64(9)
    return True


@compiled
def _first_row(records: Words, high: np.uint64) -> int:
    """Return the first row whose first word is not below; looked for around where it should be."""
    count = len(records)
    guess = min(count - 1, int(np.float64(high) * 2.0**-64 * count))
    step, low, top = 64, guess, guess
    while low > 0 and records[low, 0] >= high:
        low, step = max(0, low - step), step * 2
    step = 64
    while top < count and records[top, 0] < high:
        top, step = min(count, top + step), step * 2
    while low < top:
        middle = (low + top) >> 1
        if records[middle, 0] < high:
            low = middle + 1
        else:
            top = middle
    return low


@compiled
def _probe(  # noqa: PLR0913, PLR0917 - compiled code takes arrays, not objects
    keys: Words, rows: Rows, records: Words, bits: Bits, position: Words, digest: Words
) -> None:
    for row in rows:
        high, low = keys[row, 0], keys[row, 1]
        if position[row] or not _may_hold(high, low, bits):
            continue
        at = _first_row(records, high)
        while at < len(records) and records[at, 0] == high:
            if records[at, 1] == low:
                digest[row], position[row] = records[at, 2], records[at, 3]
                break
            at += 1

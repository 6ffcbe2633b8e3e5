"""The loader goes on, whatever it met."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

import pyarrow as pa

from tallystick.app.ingest import Block, Loader, WholeBlocks
from tests.waiting import wait_until

ROWS = 50_000


class _Log:
    """One event; reading it fails the first time."""

    def __init__(self) -> None:
        self.asked = 0

    def durable_position(self) -> int:
        return 1

    def blocks_from(self, position: int, *, through: int) -> Iterator[Block]:
        del position, through
        self.asked += 1
        if self.asked == 1:
            raise OSError(24, "Too many open files")
        return iter(())


@dataclass(frozen=True, slots=True, kw_only=True)
class _Block:
    first_position: int
    batch: pa.RecordBatch


class _Projection:
    """Holds nothing."""

    def max_position(self) -> int:
        return 0

    def insert(self, table: pa.Table) -> int:
        return int(table.num_rows)


def test_what_is_taken_out_while_loading_is_loaded_again() -> None:
    """A load under way does not go on behind rows that were taken out."""
    held: list[int] = []
    recounted: list[int] = []
    loader: Loader
    batch = pa.record_batch({"id": ["1"] * ROWS})

    class Log:
        def durable_position(self) -> int:
            return 2 * ROWS

        def blocks_from(self, position: int, *, through: int) -> Iterator[Block]:
            for first in range(position, through, ROWS):
                yield _Block(first_position=first, batch=batch)
                if first > 1 and held and not recounted:
                    recounted.append(1)
                    loader.recount(held.clear)

    class Projection:
        def max_position(self) -> int:
            return max(held, default=0)

        def insert(self, table: pa.Table) -> int:
            positions = table["position"].to_pylist()
            assert positions[0] == self.max_position() + 1
            held.extend(positions)
            return len(positions)

    loader = Loader(Log(), Projection())
    loader.load_once()
    assert (loader.covered_position, held) == (0, [])
    loader.load_once()
    assert loader.covered_position == len(held) == 2 * ROWS


def test_a_failure_that_nobody_expected_does_not_end_loading() -> None:
    """Out of descriptors for a moment: queries would stand still until a restart otherwise."""
    log = _Log()
    loader = Loader(log, _Projection())
    loader.start()
    wait_until(lambda: log.asked > 1, seconds_max=10, waiting_for="another try")
    loader.close()


class _ManyBlocks:
    """A log of blocks with as many rows as one insertion takes."""

    def __init__(self, events: int) -> None:
        self.events = events

    def durable_position(self) -> int:
        return self.events

    def blocks_from(self, position: int, *, through: int) -> Iterator[Block]:
        rows = pa.record_batch({"n": [0] * ROWS})
        while position <= through:
            yield _Block(first_position=position, batch=rows)
            position += ROWS


def test_it_is_told_once_that_another_block_stands_whole() -> None:
    """Insertions of 50,000 rows end within blocks of 120,000: two blocks, told twice."""
    told: list[int] = []
    loader = Loader(_ManyBlocks(6 * ROWS), _Projection())
    whole = WholeBlocks(120_000, lambda: told.append(loader.covered_position))
    loader.when_loaded(whole.reach)
    loader.load_once()
    assert told == [150_000, 250_000]

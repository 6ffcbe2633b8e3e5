"""The loader goes on, whatever it met."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

from tallystick.app.ingest import Loader
from tests.waiting import wait_until

if TYPE_CHECKING:
    import pyarrow as pa

    from tallystick.app.ingest import Block


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


class _Projection:
    """Holds nothing."""

    def max_position(self) -> int:
        return 0

    def insert(self, table: pa.Table) -> int:
        return int(table.num_rows)


def test_a_failure_that_nobody_expected_does_not_end_loading() -> None:
    """Out of descriptors for a moment: queries would stand still until a restart otherwise."""
    log = _Log()
    loader = Loader(log, _Projection())
    loader.start()
    wait_until(lambda: log.asked > 1, seconds_max=10, waiting_for="another try")
    loader.close()

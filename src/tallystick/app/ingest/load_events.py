"""
The loader: from the log to the projection, each block once.

Rows go in ranges of whole blocks, in order, each range in one atomic insert; the projection's
highest position is therefore all that must be known to go on after a crash. The loader is woken by
appends, waits a moment so that small appends share an insert, and tells who waits how far it is.
"""

import threading
import time
from collections.abc import Callable, Collection, Iterator

import pyarrow as pa
import structlog

from tallystick.app.ingest.ports import Block, LogBlocks, Projection
from tallystick.kernel import EngineUnavailable

ROWS_PER_INSERT_MAX = 50_000
_PAUSE_SECONDS = 0.1
_RETRY_SECONDS = 1.0

_log = structlog.get_logger()


class Loader:
    """Copies the durable log into the projection in a thread of its own."""

    def __init__(self, log: LogBlocks, projection: Projection) -> None:
        self._log = log
        self._projection = projection
        self._covered = projection.max_position()
        self._changed = threading.Condition()
        self._inserting = threading.Lock()
        self._recounts = 0
        self._closing = False
        self._loaded: list[Callable[[int], None]] = []
        self._told: list[Callable[[Collection[str]], None]] = []
        self._thread = threading.Thread(target=self._run, name="loader", daemon=True)

    @property
    def covered_position(self) -> int:
        """The position through which the projection holds every event."""
        return self._covered

    def when_loaded(self, callback: Callable[[int], None]) -> None:
        """Call back after each insert with the position covered, in the loader's thread."""
        self._loaded.append(callback)

    def when_new(self, callback: Callable[[Collection[str]], None]) -> None:
        """Call back after each insert with the workspaces of its events, in the same thread."""
        self._told.append(callback)

    def start(self) -> None:
        """Begin to load."""
        self._thread.start()

    def recount(self, take_out: Callable[[], None]) -> None:
        """
        Let rows be taken out while none is loaded, and look again how far the projection reaches.

        Args:
            take_out: rows that it leaves must reach without a hole up to the last of them.
        """
        with self._inserting:
            self._recounts += 1
            try:
                take_out()
            finally:
                reached = self._projection.max_position()
                with self._changed:
                    self._covered = min(self._covered, reached)
                    self._changed.notify_all()

    def wake(self) -> None:
        """Say that the log has grown."""
        with self._changed:
            self._changed.notify_all()

    def wait_covered(self, position: int, timeout_seconds: float) -> bool:
        """Return whether the projection covers a position, waiting for it if need be."""
        with self._changed:
            return self._changed.wait_for(
                lambda: self._covered >= position or self._closing, timeout_seconds
            ) and (self._covered >= position)

    def close(self) -> None:
        """Stop after the insert under way."""
        with self._changed:
            self._closing = True
            self._changed.notify_all()
        if self._thread.is_alive():
            self._thread.join()

    def load_once(self) -> int:
        """Load everything durable now; return how many rows went in."""
        loaded = 0
        through = self._log.durable_position()
        recounts, first = self._recounts, self._covered + 1
        for table in positioned_tables(self._log.blocks_from(first, through=through)):
            with self._inserting:
                if self._recounts != recounts:
                    break
                self._projection.insert(table)
                loaded += table.num_rows
                with self._changed:
                    self._covered += table.num_rows
                    self._changed.notify_all()
            for callback in self._loaded:
                callback(self._covered)
            if self._told:
                workspaces = table.column("workspace").unique().to_pylist()
                for tell in self._told:
                    tell(workspaces)
            if self._closing:
                break
        return loaded

    def _run(self) -> None:
        while not self._closing:
            try:
                self.load_once()
            except EngineUnavailable as error:
                _log.warning("projection unavailable", error=str(error))
                time.sleep(_RETRY_SECONDS)
            except Exception:  # noqa: BLE001 - said each time, and tried again: not to stand still
                _log.exception("projection not loaded")
                time.sleep(_RETRY_SECONDS)
            with self._changed:
                self._changed.wait_for(
                    lambda: self._closing or self._log.durable_position() > self._covered
                )
                if not self._closing:
                    self._changed.wait_for(lambda: self._closing, _PAUSE_SECONDS)


def positioned_tables(blocks: Iterator[Block]) -> Iterator[pa.Table]:
    """Yield tables of whole blocks with a position column first, of a bounded number of rows."""
    waiting: list[pa.RecordBatch] = []
    rows = 0
    for block in blocks:
        if waiting and rows + block.batch.num_rows > ROWS_PER_INSERT_MAX:
            yield pa.Table.from_batches(waiting)
            waiting, rows = [], 0
        waiting.append(_with_positions(block))
        rows += block.batch.num_rows
    if waiting:
        yield pa.Table.from_batches(waiting)


def _with_positions(block: Block) -> pa.RecordBatch:
    first = block.first_position
    positions = pa.array(range(first, first + block.batch.num_rows), pa.uint64())
    field = pa.field("position", pa.uint64(), nullable=False)
    return block.batch.add_column(0, field, positions)

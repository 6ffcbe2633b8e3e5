"""Notes sealed segments of the log in PostgreSQL, in order, whoever sealed them and whenever."""

import threading
from collections.abc import Callable, Sequence

import structlog

from tallystick.app.segments.ports import Segment
from tallystick.app.unit_of_work import RunnerUnitOfWork
from tallystick.kernel import EngineUnavailable

_RETRY_SECONDS = 5.0

_log = structlog.get_logger()


def record_segments(sealed: Sequence[Segment], *, units: Callable[[], RunnerUnitOfWork]) -> int:
    """
    Add the segments that the manifest lacks; return how many they were.

    Args:
        sealed: all sealed segments of the log, by position.
        units: gives a fresh unit of work.

    Raises:
        InvariantBroken: the manifest tells of another log.

    """
    with units() as uow:
        last = uow.segments.last()
        known = 0 if last is None else last.last_position
        missing = [segment for segment in sealed if segment.first_position > known]
        for segment in missing:
            uow.segments.append(segment)
        uow.commit()
    return len(missing)


class SegmentRecorder:
    """Records sealed segments in a thread of its own, so that no append waits for PostgreSQL."""

    def __init__(
        self, sealed: Callable[[], Sequence[Segment]], *, units: Callable[[], RunnerUnitOfWork]
    ) -> None:
        self._sealed = sealed
        self._units = units
        self._wake = threading.Event()
        self._closing = threading.Event()
        self._thread = threading.Thread(target=self._run, name="segment-recorder", daemon=True)
        self._wake.set()
        self._thread.start()

    def wake(self) -> None:
        """Say that a segment was sealed."""
        self._wake.set()

    def close(self) -> None:
        """Stop after the transaction under way."""
        self._closing.set()
        self._wake.set()
        self._thread.join()

    def _run(self) -> None:
        while self._wake.wait() and not self._closing.is_set():
            self._wake.clear()
            try:
                record_segments(self._sealed(), units=self._units)
            except EngineUnavailable as error:
                _log.warning("segment manifest not written", error=str(error))
                self._closing.wait(_RETRY_SECONDS)
                self._wake.set()

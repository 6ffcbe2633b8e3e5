"""
Keeps roll-ups behind the projection: what meters read from whole blocks of events, added up.

Roll-ups are derived and answers are right without them, so that nobody waits for them. A thread
looks every few seconds whether the projection has grown by a block since, or a meter is new.
"""

import threading
from collections.abc import Callable, Iterable
from typing import Protocol

import structlog

from tallystick.kernel import EngineUnavailable, WorkspaceId
from tallystick.metering import Meter

PAUSE_SECONDS = 5.0

_log = structlog.get_logger()


class RollsUp(Protocol):
    """Adds up what meters read from whole blocks of events."""

    def roll_up(
        self, workspace: WorkspaceId, meter: Meter, *, through: int, going: Callable[[], bool] = ...
    ) -> int:
        """Roll up what is not yet; return how many blocks were done."""
        ...


class RollUpKeeper:
    """Rolls up for every meter of every workspace, in a thread of its own."""

    def __init__(
        self,
        rollups: RollsUp,
        meters: Callable[[], Iterable[tuple[WorkspaceId, Meter]]],
        covered: Callable[[], int],
        *,
        pause_seconds: float = PAUSE_SECONDS,
    ) -> None:
        self._rollups = rollups
        self._meters = meters
        self._covered = covered
        self._pause_seconds = pause_seconds
        self._closing = threading.Event()
        self._thread = threading.Thread(target=self._run, name="roll-ups", daemon=True)

    def start(self) -> None:
        """Begin to roll up."""
        self._thread.start()

    def close(self) -> None:
        """Stop after the block under way."""
        self._closing.set()
        if self._thread.is_alive():
            self._thread.join()

    def keep_once(self) -> int:
        """Roll up what is due now; return how many blocks were done."""
        done = 0
        for workspace, meter in self._meters():
            if self._closing.is_set():
                break
            done += self._rollups.roll_up(
                workspace,
                meter,
                through=self._covered(),
                going=lambda: not self._closing.is_set(),
            )
        return done

    def _run(self) -> None:
        while not self._closing.wait(self._pause_seconds):
            try:
                self.keep_once()
            except EngineUnavailable as error:
                _log.warning("roll-ups wait for an engine", error=str(error))
            except Exception:  # noqa: BLE001 - said each time, and tried again: answers are right without
                _log.exception("not rolled up")

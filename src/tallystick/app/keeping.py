"""
Work that is done over and over behind everything else, in a thread of its own.

What is kept so is derived, or only told: nobody waits for it, and a round that fails is said and
tried again.
"""

import threading
import time
from collections.abc import Callable, Iterable
from typing import TypeVar

import structlog

from tallystick.kernel import EngineUnavailable

PAUSE_SECONDS = 5.0

Name = TypeVar("Name")

_log = structlog.get_logger()


def each_in_turn(
    names: Iterable[Name], work: Callable[[Name], object], *, going: Callable[[], bool]
) -> None:
    """
    Do the work for each name while `going`; one that fails is said, and keeps no other waiting.

    Raises:
        EngineUnavailable: it would be away for the next one, too.
    """
    for name in names:
        if not going():
            return
        try:
            work(name)
        except EngineUnavailable:
            raise
        except Exception:  # noqa: BLE001 - said each time, and tried again in the next round
            _log.exception("not done", work=str(name))


class Keeper:
    """
    Calls `work` every few seconds, and when woken.

    It is given a question to ask whether to go on.  However often it is woken, ``rest_seconds``
    pass from the beginning of one round to the next: what comes up meanwhile is done together.
    """

    def __init__(
        self,
        name: str,
        work: Callable[[Callable[[], bool]], object],
        *,
        pause_seconds: float = PAUSE_SECONDS,
        rest_seconds: float = 0,
    ) -> None:
        self._name = name
        self._work = work
        self._pause_seconds = pause_seconds
        self._rest_seconds = rest_seconds
        self._closing = threading.Event()
        self._due = threading.Event()
        self._thread = threading.Thread(target=self._run, name=name, daemon=True)

    def start(self) -> None:
        """Begin."""
        self._thread.start()

    def wake(self) -> None:
        """Say that there is work; what is said while it is done is heard after it."""
        self._due.set()

    def close(self) -> None:
        """Stop after the step under way."""
        self._closing.set()
        self._due.set()
        if self._thread.is_alive():
            self._thread.join()

    def _run(self) -> None:
        next_at = time.monotonic()
        while True:
            self._due.wait(self._pause_seconds)
            self._closing.wait(max(0.0, next_at - time.monotonic()))
            self._due.clear()
            next_at = time.monotonic() + self._rest_seconds
            if self._closing.is_set():
                return
            try:
                self._work(lambda: not self._closing.is_set())
            except EngineUnavailable as error:
                _log.warning("waiting for an engine", work=self._name, error=str(error))
            except Exception:  # noqa: BLE001 - said each time, and tried again
                _log.exception("not done", work=self._name)

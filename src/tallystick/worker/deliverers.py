"""Several deliverers of one outbox, of which one at a time looks whether anything is due."""

import threading
import time
from collections.abc import Callable

from tallystick.worker.repeat import Task

DELIVERERS = 4
"""Side by side, so that a slow address keeps one of them; more would wait for the processor."""
DELIVER_SECONDS = 0.1


def deliverers(deliver: Callable[[], bool]) -> list[Task]:
    """Return the tasks that deliver; ``deliver`` is one round and tells whether it did anything."""
    looks = _Looks()
    return [
        Task(
            name=f"deliver outbox {number}",
            period_seconds=DELIVER_SECONDS,
            run=_Deliverer(deliver, looks).run,
        )
        for number in range(1, DELIVERERS + 1)
    ]


class _Looks:
    """When nothing was due last: for a while nobody else need look."""

    def __init__(self) -> None:
        self._next_at = 0.0
        self._lock = threading.Lock()

    def is_due(self) -> bool:
        """Tell whether to look now; of those who ask at once, one is told so."""
        with self._lock:
            now = time.monotonic()
            if now < self._next_at:
                return False
            self._next_at = now + DELIVER_SECONDS / DELIVERERS
            return True

    def found_nothing(self) -> None:
        """Keep others from looking for a while."""
        with self._lock:
            self._next_at = time.monotonic() + DELIVER_SECONDS * 0.9


class _Deliverer:
    """Delivers as long as anything is due, and then waits for its turn to look."""

    def __init__(self, deliver: Callable[[], bool], looks: _Looks) -> None:
        self._deliver = deliver
        self._looks = looks
        self._is_going = False

    def run(self) -> bool:
        if not self._is_going and not self._looks.is_due():
            return False
        self._is_going = False
        self._is_going = self._deliver()
        if not self._is_going:
            self._looks.found_nothing()
        return self._is_going

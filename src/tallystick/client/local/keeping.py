"""The thread that does what a process owes its quotas, besides deciding."""

import threading
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field


@dataclass(slots=True, kw_only=True)
class Chore:
    """
    What is done again and again.

    Attributes:
        every_seconds: how long after its last time; a wake-up does what has no length at once.
        problem: what hindered it last; empty: nothing.
    """

    do: Callable[[], None]
    every_seconds: float
    problem: str = field(default="", init=False)
    due_at: float = field(default=0.0, init=False)


class Keeper:
    """Does each chore when it is due, until it is stopped; what fails is tried again then."""

    def __init__(
        self, chores: Sequence[Chore], *, tick_seconds: float, woken: threading.Event
    ) -> None:
        self._chores = chores
        self._tick_seconds = tick_seconds
        self._woken = woken
        self._is_stopped = False
        self._thread = threading.Thread(target=self._run, name="tallystick-quotas", daemon=True)
        self._thread.start()

    @property
    def problems(self) -> list[str]:
        """Return what hinders the chores now."""
        return [chore.problem for chore in self._chores if chore.problem]

    def stop(self) -> None:
        """Return when the last chore is done."""
        self._is_stopped = True
        self._woken.set()
        self._thread.join()

    def _run(self) -> None:
        while not self._is_stopped:
            self._woken.wait(self._tick_seconds)
            self._woken.clear()
            now = time.monotonic()
            for chore in self._chores:
                if chore.due_at <= now:
                    chore.due_at = now + chore.every_seconds
                    _do(chore)


def _do(chore: Chore) -> None:
    try:
        chore.do()
    except Exception as error:  # noqa: BLE001 - whatever it is, the other chores go on
        chore.problem = f"{type(error).__name__}: {error}"
    else:
        chore.problem = ""

"""
Work that comes again: when it is due, and what happens when it fails.

A task says whether it found anything. After a round that did, the next follows at once; after an
idle one the worker rests for the task's period. Where an engine cannot be reached it waits longer
and longer, up to a bound: the engine comes back by itself, and so does the work.
"""

import threading
from collections.abc import Callable
from dataclasses import dataclass
from typing import TypeAlias

import psycopg

from tallystick.kernel import EngineUnavailable

FAILURE_SECONDS_MAX = 30.0
Say: TypeAlias = Callable[[str, dict[str, object]], None]


@dataclass(frozen=True, slots=True, kw_only=True)
class Task:
    """
    A piece of background work.

    Attributes:
        name: how it is called in the log.
        period_seconds: rest after a round that found nothing.
        run: one round; True if there may be more to do.
    """

    name: str
    period_seconds: float
    run: Callable[[], bool]


def rest_seconds(task: Task, *, found: bool, failures: int) -> float:
    """
    Return the rest before the next round, after so many failures in a row.

    Example:
        >>> seal = Task(name="seal", period_seconds=0.5, run=lambda: False)
        >>> rest_seconds(seal, found=True, failures=0), rest_seconds(seal, found=False, failures=0)
        (0.0, 0.5)
        >>> rest_seconds(seal, found=False, failures=3)
        4.0
    """
    if failures:
        doubled: float = task.period_seconds * 2 ** min(failures, 16)
        return min(doubled, max(FAILURE_SECONDS_MAX, task.period_seconds))
    return 0.0 if found else task.period_seconds


def repeat(task: Task, *, stopping: threading.Event, say: Say) -> None:
    """Run a task until told to stop; engines that are away are waited for."""
    failures, rest = 0, 0.0
    while not stopping.wait(rest):
        found = False
        try:
            found = task.run()
            failures = 0
        except (EngineUnavailable, psycopg.OperationalError) as error:
            failures += 1
            say("engine unavailable", {"task": task.name, "failures": failures, "why": str(error)})
        rest = rest_seconds(task, found=found, failures=failures)

"""The one place in the tests that waits: for a condition, never for a length of time."""

import time
from collections.abc import Callable

_PAUSE_SECONDS = 0.01
_PAUSE_SECONDS_MAX = 0.1
_LONGER = 1.2
"""What is waited for long is asked less often: asking takes what it waits for from the machine."""


def wait_until(condition: Callable[[], bool], *, seconds_max: float, waiting_for: str) -> None:
    """Return as soon as the condition holds; fail, naming what was awaited, when it does not."""
    deadline, pause = time.monotonic() + seconds_max, _PAUSE_SECONDS
    while not condition():
        if time.monotonic() > deadline:
            message = f"waited {seconds_max} s in vain for {waiting_for}"
            raise AssertionError(message)
        time.sleep(pause)
        pause = min(pause * _LONGER, _PAUSE_SECONDS_MAX)

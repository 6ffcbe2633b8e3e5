"""Work behind everything else that rests longer than it takes."""

import time
from collections.abc import Callable

REST_SHARE = 4.0
"""How much longer than the work the rest behind it is at least."""
_REST_SECONDS_MAX = 1.0


def paced(going: Callable[[], bool]) -> Callable[[], bool]:
    """Return a question whether to go on that rests before it answers, as long as work took."""
    began = time.monotonic()

    def go_on() -> bool:
        nonlocal began
        if not going():
            return False
        time.sleep(min(REST_SHARE * (time.monotonic() - began), _REST_SECONDS_MAX))
        began = time.monotonic()
        return going()

    return go_on


class Rested:
    """Keeps work from following on work at once."""

    def __init__(self) -> None:
        self._began = self._due = 0.0

    def is_due(self) -> bool:
        return time.monotonic() >= self._due

    def __enter__(self) -> None:
        self._began = time.monotonic()

    def __exit__(self, *_: object) -> None:
        ended = time.monotonic()
        self._due = ended + REST_SHARE * (ended - self._began)

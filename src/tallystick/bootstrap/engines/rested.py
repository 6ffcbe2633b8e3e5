"""Work behind everything else that rests longer than it takes."""

import time

REST_SHARE = 4.0
"""How much longer than the work the rest behind it is at least."""


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

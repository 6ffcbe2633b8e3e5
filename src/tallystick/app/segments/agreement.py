"""
Whether the projection holds what the log's manifest says: asked before money is made from it.

Each sealed segment is counted once and then remembered, since neither a segment nor its rows
change; the rest, up to the position asked for, is counted each time.
"""

import threading
from collections.abc import Callable
from typing import Protocol

from tallystick.app.unit_of_work import RunnerUnitOfWork
from tallystick.kernel import Problem, counted

_PAGE = 500


class Projected(Protocol):
    """Counts rows of the projection."""

    def count(self, first: int, last: int) -> int:
        """Return how many events stand between two positions, both inclusive."""
        ...


class ManifestAgreement:
    """Compares the projection with the manifest; may be asked from several threads."""

    def __init__(self, projection: Projected, *, units: Callable[[], RunnerUnitOfWork]) -> None:
        self._projection = projection
        self._units = units
        self._agreed = 0
        self._lock = threading.Lock()

    def problem(self, position: int) -> Problem | None:
        """
        Return what is wrong with the projection up to a position, None if it agrees.

        Problems:
            projection_incomplete: a range of positions holds more or fewer events than it must.
        """
        with self._lock:
            problem = self._sealed_problem(position)
            if problem is None and position > self._agreed:
                problem = self._range_problem(self._agreed + 1, position)
            return problem

    def repairs(self) -> int:
        """Return 0: who counts rows repairs none."""
        return 0

    def _sealed_problem(self, position: int) -> Problem | None:
        while True:
            with self._units() as uow:
                segments = uow.segments.page(after=self._agreed, limit=_PAGE)
            for segment in segments:
                if segment.last_position > position:
                    return None
                problem = self._range_problem(segment.first_position, segment.last_position)
                if problem is not None:
                    return problem
                self._agreed = segment.last_position
            if len(segments) < _PAGE:
                return None

    def _range_problem(self, first: int, last: int) -> Problem | None:
        held = self._projection.count(first, last)
        if held == last - first + 1:
            return None
        message = (
            f"the projection holds {counted(held, 'event')} at positions {first} to {last}, the "
            f"log holds {last - first + 1}; stop the server and run `tallystick rebuild`"
        )
        return Problem(code="projection_incomplete", message=message)

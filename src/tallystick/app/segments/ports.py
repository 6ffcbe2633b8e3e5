"""The manifest of sealed log segments: what a rebuilt projection must agree with."""

from dataclasses import dataclass
from typing import Protocol

from tallystick.kernel import InvariantBroken, Problem


@dataclass(frozen=True, slots=True, kw_only=True)
class Segment:
    """
    A sealed segment of the log: positions ``first`` to ``last``, both included, and its digest.

    Positions are dense, so it holds ``last - first + 1`` events.
    """

    first_position: int
    last_position: int
    count: int
    digest: str


class LogDamaged(InvariantBroken):
    """The log holds bytes that no crash of ours can explain; nothing is read past them."""


class Agreement(Protocol):
    """Whether the projection may be billed from."""

    def problem(self, position: int) -> Problem | None:
        """Return what is wrong with the projection up to a position, None if it is complete."""
        ...

    def repairs(self) -> int:
        """Return how many repairs began so far; rows read while it changed may be too few."""
        ...


class SegmentManifest(Protocol):
    """The list of sealed segments; it spans workspaces as the log does."""

    def append(self, segment: Segment) -> None:
        """
        Add a segment; adding the same one again changes nothing.

        Raises:
            InvariantBroken: it does not follow the last one, or differs from the one that stands.
        """
        ...

    def page(self, *, after: int, limit: int) -> list[Segment]:
        """Return segments by position, ascending, that begin after the given position."""
        ...

    def last(self) -> Segment | None:
        """Return the segment with the highest positions."""
        ...

"""What tracing asks of the projection and of the log."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Protocol

from tallystick.app.segments import Segment
from tallystick.kernel import WorkspaceId
from tallystick.metering import Event


@dataclass(frozen=True, slots=True, kw_only=True)
class EventName:
    """Which events are looked for: an id, of one source or (None) of any, in a workspace."""

    workspace: WorkspaceId
    id: str
    source: str | None


@dataclass(frozen=True, slots=True, kw_only=True)
class CorrectionStep:
    """
    A correction of an event.

    Attributes:
        source: of the event.
        target: position at which the event was first accepted.
        position: of the correction.
        amends: whether it replaces the content; else it voids the event.
    """

    source: str
    target: int
    position: int
    amends: bool
    actor: str
    reason: str
    recorded_at: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class HeldEvent:
    """
    An event that came with a backfill and does not count.

    Attributes:
        event: as it would count.
        backfill: the name of the set.
        reverted: whether the set was taken back; else it is open, and counts when it is closed.
    """

    event: Event
    backfill: str
    reverted: bool


class EventFinder(Protocol):
    """Finds events by their names in the projection."""

    def find(self, name: EventName, *, as_of: int, limit: int) -> list[Event]:
        """Return the events that stand as of a position, by position."""
        ...

    def held(self, name: EventName, *, as_of: int, limit: int) -> list[HeldEvent]:
        """Return the events that a backfill holds which does not count as of a position."""
        ...

    def corrections(self, name: EventName, *, as_of: int, limit: int) -> list[CorrectionStep]:
        """Return what was corrected up to a position, in log order."""
        ...


class TracedLog(Protocol):
    """The log, asked where an event stands."""

    def durable_position(self) -> int:
        """Return the position up to which the log is durable."""
        ...

    def events_at(self, positions: Iterable[int]) -> Mapping[int, Event]:
        """Return the rows at positions, without those that are not held."""
        ...

    def segment_at(self, position: int) -> Segment | None:
        """Return the sealed segment that holds a position; None while it is still open."""
        ...

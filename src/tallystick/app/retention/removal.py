"""What is removed: one condition, said once, that the log and the projection both apply."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Protocol

from tallystick.kernel import WorkspaceId
from tallystick.metering import Meter


@dataclass(frozen=True, slots=True, kw_only=True)
class HeldTime:
    """
    What a legal hold keeps of a type.

    Attributes:
        subjects: of these; None: of any.
        start, end: used in this time, half-open; None: without bound.
    """

    subjects: tuple[str, ...] | None
    start: datetime | None = None
    end: datetime | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Removal:
    """
    Which events lose their content.

    Those of a type, used before an instant, at positions up to one, that came without a backfill;
    but none that is held, and none at a position to be kept.

    Attributes:
        kept: ascending positions: the last readings of levels and counters, and what was corrected.
    """

    id: str
    workspace: WorkspaceId
    event_type: str
    before: datetime
    through: int
    held: tuple[HeldTime, ...] = ()
    kept: tuple[int, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class DayCount:
    """How many events of a day, in UTC."""

    day: date
    events: int


class RemovableLog(Protocol):
    """The log, as far as content is removed from it."""

    def durable_position(self) -> int:
        """Return the position up to which the log is durable."""
        ...

    def seal_open(self) -> None:
        """Seal the open segment, so that all that is durable lies in sealed ones."""
        ...

    def remove(self, removal: Removal) -> int:
        """
        Take the content out of the events of a removal; return how many had some.

        A segment at a time, each whole or not at all; doing it again changes nothing.
        """
        ...


class RemovableProjection(Protocol):
    """The projection, as far as content is removed from it."""

    def old_types(self, workspace: WorkspaceId, *, as_of: int, before: datetime) -> list[str]:
        """Return the types of events that count and were used before an instant."""
        ...

    def days(self, removal: Removal) -> list[DayCount]:
        """Return how many events a removal would take, by day of use."""
        ...

    def corrected_positions(self, workspace: WorkspaceId, *, as_of: int) -> list[int]:
        """Return the positions of the events that were ever voided or amended, ascending."""
        ...

    def remove(self, removal: Removal, meters: Sequence[Meter]) -> None:
        """
        Take the content out of the events of a removal; doing it again changes nothing.

        Args:
            removal: which events.
            meters: all of the workspace; what is kept ready for those that count the type is
                made anew.
        """
        ...

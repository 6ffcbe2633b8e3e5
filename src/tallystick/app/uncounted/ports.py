"""Events that count nothing yet as values, and the questions for them."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import Protocol

from tallystick.accounts import Resource, Unowned
from tallystick.kernel import WorkspaceId
from tallystick.metering import Meter

SAMPLES_MAX = 5


class Uncounted(StrEnum):
    """Why events count for nobody beyond those reasons that `Unowned` tells."""

    NO_METER = "no_meter"


@dataclass(frozen=True, slots=True, kw_only=True)
class UncountedQuery:
    """
    Which events are looked at.

    Attributes:
        as_of: log position; later events and corrections are not looked at.
        start: used at or after; None from the beginning.
        end: used before; None without end.
        type, subject: only these; None for any.
        limit: groups at most, the largest first.
    """

    workspace: WorkspaceId
    as_of: int
    start: datetime | None
    end: datetime | None
    type: str | None
    subject: str | None
    limit: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Owned:
    """
    What the catalog knows of subjects and types.

    Attributes:
        subjects: keys of resources and accounts.
        bounded: resources that have a start or an end.
        metered_types: event types that a meter counts.
    """

    subjects: Sequence[str]
    bounded: Sequence[Resource]
    metered_types: Sequence[str]


@dataclass(frozen=True, slots=True, kw_only=True)
class EventGroup:
    """
    Events of one type and subject that count nothing, for one reason.

    Attributes:
        events: how many.
        first_used_at, last_used_at: of their usage, both inclusive.
        last_received_at: when the newest came.
        samples: source and id of a few, at most 5.
        text: what stands where a meter reads its value, of one of them; empty where none was asked.
    """

    reason: Unowned | Uncounted | None
    type: str
    subject: str
    events: int
    first_used_at: datetime
    last_used_at: datetime
    last_received_at: datetime
    samples: tuple[tuple[str, str], ...]
    text: str = ""


class UncountedReader(Protocol):
    """Groups events that count nothing."""

    def unattributed(self, query: UncountedQuery, owned: Owned) -> list[EventGroup]:
        """Return events that belong to nobody, or whose type no meter counts."""
        ...

    def unmeterable(self, query: UncountedQuery, meter: Meter) -> list[EventGroup]:
        """Return events that a meter lets in and cannot read a value from."""
        ...

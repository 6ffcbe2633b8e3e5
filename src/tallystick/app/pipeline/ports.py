"""How the way from senders to questions is doing, as values, and who tells."""

from dataclasses import dataclass
from datetime import datetime
from typing import Protocol

from tallystick.kernel import WorkspaceId


@dataclass(frozen=True, slots=True, kw_only=True)
class Flow:
    """
    What the process that takes events says of itself, for all workspaces.

    Attributes:
        durable: log position up to which events are acknowledged.
        covered: position up to which questions see them.
        lag_seconds: age of the oldest event that questions do not see; 0 if they see all.
        queued: events that wait for their append.
        accepted, duplicate, conflict, rejected: events since the process started.
    """

    durable: int
    covered: int
    lag_seconds: int
    queued: int
    accepted: int
    duplicate: int
    conflict: int
    rejected: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Sender:
    """A source of events: how many were used since an instant, and how old the newest is."""

    source: str
    events: int
    newest_used_at: datetime
    newest_received_at: datetime


class Arrivals(Protocol):
    """Tells how far events of a type have come; of this process, which writes all of them."""

    def last(self, workspace: WorkspaceId, event_type: str) -> int:
        """
        Return a log position behind which nothing of a type has come.

        Neither an event of it, nor anything by which other events of it count from then on.
        """
        ...


class SenderReader(Protocol):
    """Groups events by who sent them."""

    def senders(
        self, workspace: WorkspaceId, *, as_of: int, since: datetime, limit: int
    ) -> list[Sender]:
        """Return the sources of events used since an instant, those with most events first."""
        ...

"""Effects that leave the system: the message, the store, the claims, the way out."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Protocol

from tallystick.kernel import Outcome, WorkspaceId


@dataclass(frozen=True, slots=True, kw_only=True)
class Message:
    """
    One effect to be delivered at least once.

    ``id`` is the caller's and unique in the workspace: what is put twice is delivered as one, and a
    receiver may use it to tell repeats. ``due_at`` is when the first attempt may be made.
    """

    workspace: WorkspaceId
    id: str
    topic: str
    payload: Mapping[str, object]
    due_at: datetime
    trace_id: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Claim:
    """
    A message held by one deliverer until ``lease_ends_at``.

    ``attempt`` counts from 1 and fences: an outcome told for an older attempt changes nothing.
    """

    message: Message
    attempt: int
    lease_ends_at: datetime


class Outbox(Protocol):
    """The outbox of one workspace, written in the transaction of the command."""

    def put(self, message: Message) -> None:
        """Add a message; one of the same id that stands already is kept."""
        ...


class OutboxClaims(Protocol):
    """What the deliverer needs, across workspaces."""

    def claim(self, *, now: datetime, lease_ends_at: datetime, limit: int) -> list[Claim]:
        """Claim due messages; those that another deliverer is claiming now are passed over."""
        ...

    def delivered(self, claim: Claim, *, at: datetime) -> bool:
        """Close the message; ``False`` if the claim was lost meanwhile."""
        ...

    def postponed(self, claim: Claim, *, until: datetime, reason: str) -> bool:
        """Let the message be tried again; ``False`` if the claim was lost meanwhile."""
        ...

    def parked(self, claim: Claim, *, at: datetime, reason: str) -> bool:
        """Give the message up until a person looks; ``False`` if the claim was lost."""
        ...


class Delivery(Protocol):
    """The way out: webhook, mail, message."""

    def deliver(self, message: Message) -> Outcome[None]:
        """Deliver; refused or raising means: try again later."""
        ...

"""Rejected events as values, and their store."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Protocol

from tallystick.kernel import WorkspaceId


@dataclass(frozen=True, slots=True, kw_only=True)
class RejectedEvent:
    """
    An event that was not taken, as it was sent, with the reason.

    Attributes:
        source, event_id: its identity as far as it could be read, else empty.
        code, message, path: what was wrong, and where in the event.
        body: the bytes of the event as sent, cut at the store's limit.
    """

    workspace: WorkspaceId
    received_at: datetime
    source: str
    event_id: str
    code: str
    message: str
    path: str
    body: bytes


@dataclass(frozen=True, slots=True, kw_only=True)
class DeadLetter:
    """A rejected event in the list, with its number there."""

    id: int
    event: RejectedEvent
    replayed_at: datetime | None


class DeadLetters(Protocol):
    """The readable, replayable list of rejected events of one workspace."""

    def append(self, events: Sequence[RejectedEvent]) -> None:
        """Add rejected events in the order given."""
        ...

    def page(self, *, before: int | None, limit: int, code: str = "") -> list[DeadLetter]:
        """Return letters newest first, those with a smaller number than ``before``."""
        ...

    def of_event(self, event_id: str, *, source: str | None, limit: int) -> list[DeadLetter]:
        """Return the letters of one event's id, of a source or of any, newest first."""
        ...

    def find(self, letter_id: int) -> DeadLetter | None:
        """Return the letter of a number."""
        ...

    def replayed(self, letter_ids: Sequence[int], *, at: datetime) -> None:
        """Note that letters were sent again and taken."""
        ...

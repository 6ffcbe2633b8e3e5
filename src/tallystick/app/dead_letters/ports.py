"""Rejected events as values, and their store."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import Protocol

from tallystick.kernel import WorkspaceId


@dataclass(frozen=True, slots=True, kw_only=True)
class RejectedEvent:
    """
    An event that was not taken, as it was sent, with the reason.

    Attributes:
        source, event_id, type: its names as far as they could be read, else empty.
        code, message, path: what was wrong, and where in the event.
        body: the bytes of the event as sent, cut at the store's limit.
        place: of the message that it came with, as `orders/0:7`; empty where no collector told it.
    """

    workspace: WorkspaceId
    received_at: datetime
    source: str
    event_id: str
    type: str = ""
    code: str
    message: str
    path: str
    body: bytes
    place: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class LetterPlace:
    """Where an event that was refused stands at its source, told after it was."""

    source: str
    event_id: str
    place: str


class LetterState(StrEnum):
    """Waiting for somebody to mend it, taken after all, or given up."""

    WAITING = "waiting"
    REPLAYED = "replayed"
    DISCARDED = "discarded"


@dataclass(frozen=True, slots=True, kw_only=True)
class DeadLetter:
    """
    A rejected event in the list, with its number there.

    Attributes:
        replayed_at: since when it is in the log after all; None: it is not.
        replayed_position: where in the log; None where that was not known at once.
        discarded_at: since when it is given up; None: it is not.
        discard_reason: why.
    """

    id: int
    event: RejectedEvent
    replayed_at: datetime | None = None
    replayed_position: int | None = None
    discarded_at: datetime | None = None
    discard_reason: str = ""

    @property
    def state(self) -> LetterState:
        """Return how far it has come."""
        if self.replayed_at is not None:
            return LetterState.REPLAYED
        return LetterState.WAITING if self.discarded_at is None else LetterState.DISCARDED


@dataclass(frozen=True, slots=True, kw_only=True)
class LetterFilter:
    """
    Which letters are meant; an empty text or None leaves a part out.

    Attributes:
        code: the reason.
        source, type, event_id: the event's names, exactly.
        since: received at or after.
        until: received before.
        text: stands in the message or, byte by byte, in the body.
        state: how far they have come.
    """

    code: str = ""
    source: str = ""
    type: str = ""
    event_id: str = ""
    since: datetime | None = None
    until: datetime | None = None
    text: str = ""
    state: LetterState | None = None


ANY_LETTER = LetterFilter()


@dataclass(frozen=True, slots=True, kw_only=True)
class WaitingLetters:
    """How many letters of one reason wait, and since when the oldest does."""

    code: str
    letters: int
    oldest_at: datetime


class DeadLetters(Protocol):
    """The readable, replayable list of rejected events of one workspace."""

    def append(self, events: Sequence[RejectedEvent]) -> None:
        """Add rejected events in the order given."""
        ...

    def page(
        self, *, before: int | None, limit: int, wanted: LetterFilter = ANY_LETTER
    ) -> list[DeadLetter]:
        """Return letters newest first, those with a smaller number than ``before``."""
        ...

    def waiting(self) -> list[WaitingLetters]:
        """Return how many letters wait for each reason, most first; at most 50 reasons."""
        ...

    def of_event(self, event_id: str, *, source: str | None, limit: int) -> list[DeadLetter]:
        """Return the letters of one event's id, of a source or of any, newest first."""
        ...

    def find(self, letter_id: int) -> DeadLetter | None:
        """Return the letter of a number."""
        ...

    def load(self, letter_ids: Sequence[int]) -> list[DeadLetter]:
        """Return the letters of these numbers that there are, by number."""
        ...

    def replayed(self, positions: Mapping[int, int | None], *, at: datetime) -> None:
        """Note letters as taken, each with its place in the log; noted once, it stays."""
        ...

    def put_places(self, places: Sequence[LetterPlace]) -> None:
        """Give places to letters that wait and have none yet."""
        ...

    def discard(self, letter_ids: Sequence[int], *, at: datetime, reason: str) -> None:
        """Give up letters that still wait."""
        ...

    def remove(self, letter_ids: Sequence[int]) -> None:
        """Remove letters, whatever became of them: what they hold is to be erased."""
        ...


class LetterRetention(Protocol):
    """What removes letters whose time is over, in all workspaces, and counts those that wait."""

    def count_waiting(self) -> int:
        """Return how many letters wait."""
        ...

    def remove(self, *, settled_before: datetime, waiting_before: datetime, limit: int) -> int:
        """Remove letters received before these instants; return how many they were."""
        ...

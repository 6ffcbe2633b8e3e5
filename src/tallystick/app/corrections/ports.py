"""What corrections ask of the log, which takes them, and of the projection, which knows them."""

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import Protocol

import msgspec

from tallystick.app.clock import Clock
from tallystick.app.corrections.orders import AmendEvents
from tallystick.app.ingest import Status
from tallystick.kernel import AccountKey, MeterKey, WorkspaceId
from tallystick.metering import Change, Event, Meter, Reach

Identity = tuple[str, str]
"""Source and id of an event."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Written:
    """What became of a row: where the log holds its identity, and whether this row is it."""

    status: Status
    position: int


@dataclass(frozen=True, slots=True, kw_only=True)
class LastCorrection:
    """The last correction of an event: its position, and whether it amends."""

    position: int
    amends: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class RecordedCorrection:
    """
    A correction as it was recorded.

    Attributes:
        position: of the correction.
        target: position at which the log holds the event as it was first sent.
        amends: False where it voids.
        correction_id: the name under which it was sent.
        source, event_id: which event.
        recorded_at: when the log took it.
    """

    position: int
    target: int
    amends: bool
    correction_id: str
    source: str
    event_id: str
    actor: str
    reason: str
    recorded_at: datetime


class BackfillState(StrEnum):
    """``open``: its events are held back; ``closed``: they count; ``reverted``: they do not."""

    OPEN = "open"
    CLOSED = "closed"
    REVERTED = "reverted"


class Backfill(msgspec.Struct, frozen=True, kw_only=True):
    """
    A named set of events.

    Attributes:
        number: position of the fact that opened it.
        events: how many it holds.
        reason: of the last fact about it.
        changed_at: when the log took that fact.
    """

    name: str
    number: int
    state: BackfillState
    events: int
    reason: str
    opened_at: datetime
    changed_at: datetime


class CorrectedLog(Protocol):
    """The log of the owner, which finds events by identity and takes rows of the program."""

    def durable_position(self) -> int:
        """Return the position up to which the log is durable."""
        ...

    def find(self, workspace: WorkspaceId, identities: Sequence[Identity]) -> list[int | None]:
        """Return at which position the log holds each identity, None where it does not."""
        ...

    def events_at(self, positions: Iterable[int]) -> Mapping[int, Event]:
        """Return rows of the log as they were written."""
        ...

    def write(self, rows: Sequence[Event]) -> list[Written]:
        """
        Append rows of one workspace durably, each identity once; their positions are given here.

        Raises:
            EngineUnavailable: nothing of them counts; they may be sent again.
        """
        ...


class KnownCorrections(Protocol):
    """The corrections that the projection covers."""

    def wait_covered(self, position: int, timeout: float) -> bool:
        """Wait until a position is covered; False if that took more than ``timeout`` seconds."""
        ...

    def last_corrections(
        self, workspace: WorkspaceId, targets: Sequence[int]
    ) -> Mapping[int, LastCorrection]:
        """Return the last correction of each event that was ever corrected, by its position."""
        ...

    def corrections(
        self, workspace: WorkspaceId, *, before: int | None, limit: int
    ) -> list[RecordedCorrection]:
        """Return corrections newest first, those at positions below ``before``."""
        ...

    def backfill(self, workspace: WorkspaceId, name: str) -> Backfill | None:
        """Return the backfill of a name, None if there is none."""
        ...

    def backfills(self, workspace: WorkspaceId, *, after: str, limit: int) -> list[Backfill]:
        """Return backfills by name, those behind ``after``."""
        ...

    def held_changes(self, workspace: WorkspaceId, number: int) -> list[Change]:
        """Return what a backfill holds now, by type and subject; at its number's position."""
        ...

    def changes(
        self, workspace: WorkspaceId, *, after: int, through: int, before: datetime
    ) -> list[Change]:
        """
        Return what was recorded behind a position up to another about use before an instant.

        Events that came, that were voided or amended, that came to count or ceased to with their
        backfill; taken together by type and subject.
        """
        ...

    def next_reading(
        self, workspace: WorkspaceId, meter: Meter, change: Change, *, through: int
    ) -> datetime | None:
        """
        Return the instant of the first reading of a subject after a change; None for none.

        Where dimensions tell series apart, it is not known which one follows: None as well.
        """
        ...


@dataclass(frozen=True, slots=True, kw_only=True)
class RecordedReach:
    """
    A reach as a fact: whose quantity of which meter may have changed in a time that was billed.

    ``account`` is None where nobody owned the subject then.
    """

    reach: Reach
    account: AccountKey | None
    recorded_at: datetime


class ReachStore(Protocol):
    """The facts about times that were over, of one workspace; appended, never changed."""

    def progress(self) -> int:
        """Return the position up to which facts are recorded, 0 for none; others wait."""
        ...

    def advance(self, position: int) -> None:
        """Note that facts are recorded up to a position."""
        ...

    def billed_until(self) -> datetime | None:
        """Return the end of the last period of which usage was billed; None for none."""
        ...

    def record(self, reaches: Sequence[RecordedReach]) -> None:
        """Add facts."""
        ...

    def read_ahead(self, subjects: Iterable[str], *, after: int) -> None:
        """
        Read the facts of subjects behind a position at once.

        Until the transaction ends, or records any, `load` answers from what was read.
        """
        ...

    def load(
        self, *, meters: Sequence[MeterKey], subjects: Sequence[str], after: int
    ) -> tuple[Reach, ...]:
        """Return the reaches of meters and subjects that were recorded behind a position."""
        ...

    def page(self, *, before: int | None, limit: int) -> list[tuple[int, RecordedReach]]:
        """Return facts with their numbers, newest first, those with a smaller number."""
        ...


Protect = Callable[[WorkspaceId, AmendEvents], AmendEvents]


def _as_sent(_workspace: WorkspaceId, command: AmendEvents) -> AmendEvents:
    return command


@dataclass(frozen=True, slots=True, kw_only=True)
class CorrectionSources:
    """
    Where corrections go and where they are known, beside the unit of work.

    ``protect`` puts pseudonyms into amendments in the place of personal values.
    """

    log: CorrectedLog
    known: KnownCorrections
    clock: Clock
    protect: Protect = _as_sent

"""What quotas ask of their store and of the log."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from enum import StrEnum
from typing import NamedTuple, Protocol

from tallystick.accounts import Ownership
from tallystick.kernel import AccountKey, MeterKey, WorkspaceId
from tallystick.metering import Meter
from tallystick.quotas import Tally


class CounterKey(NamedTuple):
    """Which counter: the holder of a limit, the feature, and when the window begins."""

    account: str
    feature: str
    starts: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class Counter:
    """
    One limit's count in one window.

    Attributes:
        counted_through: position of the log up to which ingested events are in it.
        stamp: what was known of the account when it was counted from events last.
        enforced: the limit by which it was decided last; None: none, or not decided yet.
        check_at: when a change that is known already takes effect; None: none is known.
    """

    key: CounterKey
    ends: datetime | None
    tally: Tally
    counted_through: int
    stamp: int
    enforced: Decimal | None = None
    check_at: datetime | None = None


class HoldKind(StrEnum):
    """What holds a part of a limit."""

    RESERVATION = "reservation"
    LEASE = "lease"


@dataclass(frozen=True, slots=True, kw_only=True)
class Hold:
    """
    A part of a limit that is kept for somebody.

    Attributes:
        asked_by: the account that asked; the counter is that of its holder.
        also: further counters against which it stands: those of other limits on the same meter.
        outcome: empty while open; ``committed``, ``released``, ``closed``.
    """

    kind: HoldKind
    key: str
    counter: CounterKey
    asked_by: str
    granted: Decimal
    spent: Decimal
    began_at: datetime
    expires_at: datetime
    also: tuple[CounterKey, ...] = ()
    closed_at: datetime | None = None
    outcome: str = ""

    @property
    def counters(self) -> tuple[CounterKey, ...]:
        """Return every counter against which it stands."""
        return (self.counter, *self.also)

    def is_open(self, at: datetime) -> bool:
        """Tell whether it still holds something."""
        return self.closed_at is None and at < self.expires_at


class Unit(NamedTuple):
    """What a level counts of one thing, and the account that asked for it."""

    quantity: Decimal
    asked_by: str


class UnitPlace(NamedTuple):
    """Units of one level that an account asked for, and the holder under which they count."""

    asked_by: str
    feature: str
    holder: str


class EventOutcome(StrEnum):
    """What became of a consumption's event."""

    WAITING = ""
    LOGGED = "logged"
    CONFLICT = "conflict"
    REJECTED = "rejected"


@dataclass(frozen=True, slots=True, kw_only=True)
class Consumption:
    """
    A use that was decided, on its way to the log as an event.

    Attributes:
        body: the event as a JSON text in CloudEvents form.
        also: further counters that count it: those of other limits on the same meter.
        position: where the log has it; None: not yet, or not at all.
    """

    source: str
    id: str
    counter: CounterKey
    quantity: Decimal
    used_at: datetime
    body: str
    also: tuple[CounterKey, ...] = ()
    position: int | None = None
    outcome: EventOutcome = EventOutcome.WAITING


@dataclass(frozen=True, slots=True, kw_only=True)
class Remembered:
    """
    By what a batch would be decided if nothing has changed.

    Attributes:
        counters: the counters that it needs, with the stamps that they should have.
        stamps: of its accounts, each together with that of all accounts.
        identities: (source, id) of its uses.
        at: the instant at which it is decided.
    """

    counters: Mapping[CounterKey, int]
    stamps: Mapping[str, int]
    identities: frozenset[tuple[str, str]]
    at: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class LockedCounters:
    """Counters for change, and whether any identity of the batch was decided before."""

    counters: dict[CounterKey, Counter]
    identities_known: bool


class QuotaStore(Protocol):
    """What is known of accounts and of the log, for the quotas of one workspace."""

    def stamps(self, accounts: Iterable[str]) -> Mapping[str, int]:
        """Return the stamps of accounts; the empty key is that of all."""
        ...

    def feed_position(self) -> int:
        """Return the position up to which counters follow the log, and keep it from moving."""
        ...

    def move_feed(self, position: int) -> None:
        """Set the position up to which counters follow the log."""
        ...

    def limited_meters(self) -> tuple[MeterKey, ...]:
        """Return the meters by which features are counted, by key."""
        ...

    def below(self, accounts: Iterable[AccountKey]) -> Mapping[AccountKey, tuple[AccountKey, ...]]:
        """Return who ever stands below accounts, at any depth, by key; of those with somebody."""
        ...

    def owners(self, subjects: Iterable[str]) -> Mapping[str, tuple[Ownership, ...] | AccountKey]:
        """Return of each subject that is known its owners, or the account that it names."""
        ...


class QuotaDirectory(Protocol):
    """Which workspaces have quotas, for background work."""

    def with_features(self) -> tuple[WorkspaceId, ...]:
        """Return the workspaces that declare features."""
        ...

    def with_rules(self) -> tuple[WorkspaceId, ...]:
        """Return the workspaces that declare alert rules."""
        ...


class CounterStore(Protocol):
    """Counters of one workspace."""

    def stamped(self, keys: Iterable[CounterKey]) -> Mapping[CounterKey, int]:
        """Return the stamps of the counters that exist, without waiting for anybody."""
        ...

    def lock(self, keys: Iterable[CounterKey], *, at: datetime) -> dict[CounterKey, Counter]:
        """Return the counters that exist, with what open holds keep at an instant, for change."""
        ...

    def lock_remembered(self, remembered: Remembered) -> LockedCounters | None:
        """Return counters as ``lock`` does if all is as remembered; else None, nothing locked."""
        ...

    def save(self, counters: Sequence[Counter]) -> None:
        """Insert or replace counters; what holds keep is not theirs."""
        ...

    def open(self, account: AccountKey | None, *, at: datetime) -> tuple[Counter, ...]:
        """Return the counters whose window has not ended, of one account or of all."""
        ...

    def over_before(self, keys: Iterable[CounterKey]) -> Mapping[CounterKey, datetime]:
        """Return since when each limit was passed as the window before ended, where it was."""
        ...

    def used(
        self, after: CounterKey | None, *, at: datetime, limit: int, account: AccountKey | None
    ) -> tuple[Counter, ...]:
        """Return open counters of which something is used, by key, without what holds keep."""
        ...

    def drop(self, keys: Iterable[CounterKey]) -> None:
        """Forget counters of which nothing is granted any longer."""
        ...

    def stale(self, *, at: datetime, limit: int) -> tuple[CounterKey, ...]:
        """Return open counters of accounts about which something has changed since."""
        ...


class HoldStore(Protocol):
    """Reservations, leases and units of one workspace."""

    def load(self, keys: Iterable[tuple[HoldKind, str]]) -> dict[tuple[HoldKind, str], Hold]:
        """Return reservations and leases by kind and key."""
        ...

    def lock(self, keys: Iterable[tuple[HoldKind, str]]) -> dict[tuple[HoldKind, str], Hold]:
        """Return reservations and leases by kind and key, for change."""
        ...

    def open(self, account: AccountKey | None, *, at: datetime) -> tuple[Hold, ...]:
        """Return what is held at an instant, of one holder or of all."""
        ...

    def open_of(self, key: CounterKey, *, at: datetime) -> tuple[Hold, ...]:
        """Return what stands against one counter at an instant, whichever it was taken of."""
        ...

    def save(self, holds: Sequence[Hold]) -> None:
        """Insert or replace reservations and leases."""
        ...

    def units(self, keys: Iterable[tuple[str, str, str]]) -> dict[tuple[str, str, str], Decimal]:
        """Return what the named units (account, feature, unit) count, of those that exist."""
        ...

    def add_units(self, units: Mapping[tuple[str, str, str], Unit], *, at: datetime) -> None:
        """Let units exist."""
        ...

    def drop_units(self, keys: Iterable[tuple[str, str, str]]) -> None:
        """Let units be gone."""
        ...

    def units_in_all(self, keys: Iterable[CounterKey]) -> Mapping[CounterKey, Decimal]:
        """Return what the units of levels come to."""
        ...


class HoldMoves(Protocol):
    """
    Moves what is held, and what exists of levels, of one workspace to other limits.

    Whoever takes or ends something lets nothing move from before it looks at limits until it
    commits; whoever moves lets nothing be taken. So what is taken by limits that have changed
    meanwhile is never overlooked.
    """

    def let_none_move(self) -> None:
        """Wait for whoever moves, and let nobody until this transaction ends."""
        ...

    def let_none_be_taken(self, *, wait: bool) -> bool:
        """
        Return whether nobody takes or ends anything until this transaction ends.

        Whoever waits for it has locked no counter yet; whoever has only tries.
        """
        ...

    def has_any(self, *, at: datetime) -> bool:
        """Tell whether anything is open at an instant, or exists of levels."""
        ...

    def asked_by(self, accounts: Iterable[str], *, at: datetime) -> tuple[Hold, ...]:
        """Return what some accounts asked for and is open at an instant, for change."""
        ...

    def move(self, holds: Sequence[Hold]) -> None:
        """Let reservations and leases stand against the counters that they name, and no others."""
        ...

    def unit_places(self, accounts: Iterable[str]) -> tuple[UnitPlace, ...]:
        """Return under which holders units count that some accounts asked for."""
        ...

    def move_units(self, moved: Mapping[UnitPlace, str]) -> None:
        """Let units count under other holders; an id that exists there already is one with it."""
        ...


class ConsumptionStore(Protocol):
    """Uses of one workspace that were decided, until the feed has passed them."""

    def load(self, identities: Iterable[tuple[str, str]]) -> dict[tuple[str, str], Consumption]:
        """Return consumptions by (source, id), of those that are still kept."""
        ...

    def add(self, consumptions: Sequence[Consumption], *, counted: Sequence[Counter] = ()) -> None:
        """Keep consumptions until the log has them, and save the counters that count them."""
        ...

    def waiting(self, *, limit: int) -> tuple[Consumption, ...]:
        """Return consumptions that the log lacks, the oldest first."""
        ...

    def settle(self, settled: Sequence[Consumption]) -> None:
        """Store the position and outcome of consumptions."""
        ...

    def consumed(
        self, keys: Iterable[CounterKey], *, after: int
    ) -> Mapping[CounterKey, Mapping[datetime, Decimal]]:
        """Return by instant what events came to that the log lacks, or has beyond ``after``."""
        ...

    def consumed_between(self, after: int, through: int) -> Mapping[CounterKey, Decimal]:
        """Return what consumptions put into the log behind one position up to another come to."""
        ...

    def forget(self, *, before: datetime) -> None:
        """Drop consumptions that the feed has passed, and that were used before an instant."""
        ...


class Use(NamedTuple):
    """What the events of one subject in one slice of time come to; the position of the last."""

    subject: str
    at: datetime
    quantity: Decimal
    position: int


class UseReader(Protocol):
    """Reads what was ingested, from the projection."""

    def uses(
        self, workspace: WorkspaceId, meter: Meter, *, known: tuple[int, int], since: datetime
    ) -> list[Use]:
        """Return what events behind the first position up to the second come to, by slices."""
        ...

    def touched(
        self, workspace: WorkspaceId, event_types: Iterable[str], *, known: tuple[int, int]
    ) -> Mapping[str, frozenset[str]]:
        """Return by event type the subjects of events behind a position up to another."""
        ...

    def corrected(self, workspace: WorkspaceId, *, known: tuple[int, int]) -> frozenset[str]:
        """Return the event types of which something was corrected or brought by a backfill."""
        ...

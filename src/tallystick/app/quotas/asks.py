"""What may be asked of quotas, and the answer."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from decimal import Decimal
from typing import NamedTuple, TypeAlias

from tallystick.kernel import AccountKey
from tallystick.quotas import Reason


@dataclass(frozen=True, slots=True, kw_only=True)
class Check:
    """May so much be used?  Nothing is counted."""

    account: AccountKey
    feature: str
    quantity: Decimal
    operation: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class UsedEvent:
    """
    The event that a use becomes, under its own identity.

    Attributes:
        quantity: what the feature's meter reads from it, more than 0.
        data: further data of it; the value of the meter is put into it.
        used_at: of what a lease spent, when; None: now.
    """

    source: str
    id: str
    quantity: Decimal
    data: Mapping[str, object] = field(default_factory=dict)
    used_at: datetime | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Consume:
    """
    Use so much now.

    Attributes:
        event: None only where a feature has no meter (a rate).
        happened: it was used while nobody could ask; what the limit says changes nothing.
    """

    account: AccountKey
    feature: str
    quantity: Decimal
    event: UsedEvent | None
    operation: str = ""
    happened: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Reserve:
    """Hold so much for a time; ``key`` is made by whoever asks."""

    account: AccountKey
    feature: str
    quantity: Decimal
    key: str
    seconds: int
    operation: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Commit:
    """Use what a reservation holds, or a part of it; what is left of it returns."""

    key: str
    event: UsedEvent


@dataclass(frozen=True, slots=True, kw_only=True)
class Release:
    """Give back what a reservation holds."""

    key: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Lease:
    """Take a slice of a limit into a process; less may be granted than is wanted."""

    account: AccountKey
    feature: str
    quantity: Decimal
    key: str
    seconds: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Report:
    """
    Tell what was spent of a lease.

    Attributes:
        close: whether what is left returns now.
        more: by how much the slice shall grow.
        seconds: how long it shall hold from now on; None: as long as it does.
    """

    key: str
    events: tuple[UsedEvent, ...] = ()
    close: bool = False
    more: Decimal = Decimal(0)
    seconds: int | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Acquire:
    """Let something exist that a level counts, by its id; again is no more."""

    account: AccountKey
    feature: str
    unit: str
    quantity: Decimal = Decimal(1)


@dataclass(frozen=True, slots=True, kw_only=True)
class GiveBack:
    """Say that something a level counts is gone; again is nothing."""

    account: AccountKey
    feature: str
    unit: str


Ask: TypeAlias = Check | Consume | Reserve | Commit | Release | Lease | Report | Acquire | GiveBack
"""One question or change."""


class Traced(NamedTuple):
    """An ask, and the W3C trace of the request that brought it; empty: none."""

    ask: Ask
    trace_id: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class HeldAnswer:
    """A reservation or lease as it stands."""

    key: str
    granted: Decimal
    spent: Decimal
    expires_at: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class Offer:
    """A plan under which the same question would be allowed, or further."""

    plan: str
    text: str


@dataclass(frozen=True, slots=True, kw_only=True)
class NotCounted:
    """A use of a report that cannot be counted, by its event, and why."""

    source: str
    id: str
    message: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Decision:
    """
    The answer to one ask.

    Attributes:
        account, feature: as asked; of holds those they were taken of.
        quantity: what was asked for; of a lease what was granted.
        limit: exact; None: none, or a kind without one.
        remaining: what may still be used now; None: no number limits.
        used, held: what stands against the limit now, after this decision.
        overage: the part of the quantity beyond the limit.
        limited_by: the feature whose limit this is, where it is another than the one asked for.
        resets_at: when the window ends; None: it does not.
        retry_at: when the same could be allowed; None: allowed, or no time is known.
        duplicate: whether the same was answered before and this changed nothing.
        degraded: whether it was decided without the store, as the feature declares.
        not_counted: of a report the uses that cannot be counted; all others are.
        message: for people, says what to do.
    """

    reason: Reason
    account: str
    feature: str
    quantity: Decimal
    limit: Decimal | None = None
    used: Decimal = Decimal(0)
    held: Decimal = Decimal(0)
    remaining: Decimal | None = None
    overage: Decimal = Decimal(0)
    limited_by: str = ""
    resets_at: datetime | None = None
    retry_at: datetime | None = None
    value: str = ""
    offer: Offer | None = None
    duplicate: bool = False
    degraded: bool = False
    reservation: HeldAnswer | None = None
    lease: HeldAnswer | None = None
    not_counted: tuple[NotCounted, ...] = ()
    message: str = ""

    @property
    def allowed(self) -> bool:
        """Tell whether it may be used."""
        return self.reason.is_allowed


@dataclass(frozen=True, slots=True, kw_only=True)
class Decided:
    """Decisions, and the instant of the workspace at which they were made."""

    decisions: Sequence[Decision]
    at: datetime

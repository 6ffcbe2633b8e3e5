"""Effects that leave the system: the message, the store, the claims, what became of them."""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
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
    ``lane`` names what it must stay in order with; only `claim_lane` tells it.
    """

    message: Message
    attempt: int
    lease_ends_at: datetime
    lane: str = ""


class DeliveryState(StrEnum):
    """On its way (or waiting for another try), delivered, or given up."""

    DUE = "due"
    DELIVERED = "delivered"
    PARKED = "parked"


@dataclass(frozen=True, slots=True, kw_only=True)
class DeliveryRecord:
    """
    What became of a message.

    Attributes:
        at: when it was delivered or given up, or when it is tried next.
        problem: why the last attempt failed; empty if none did.
    """

    id: str
    topic: str
    state: DeliveryState
    attempts: int
    problem: str
    created_at: datetime
    at: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class NumberedMessage:
    """A message in the order of feeds; ``recorded_at``: when its transaction began."""

    number: int
    message: Message
    recorded_at: datetime


class Outbox(Protocol):
    """The outbox of one workspace, written in the transaction of the command."""

    def put(self, message: Message) -> None:
        """Add a message; one of the same id that stands already is kept."""
        ...

    def put_all(self, messages: Sequence[Message]) -> None:
        """Add messages of one workspace, each as `put` does."""
        ...

    def put_again(self, id: str, *, as_id: str, due_at: datetime) -> None:
        """Add a message that says what another one said; one of the same id is kept."""
        ...

    def put_parked_calls(self, webhook: str, *, since: datetime, due_at: datetime) -> int:
        """
        Add again what a webhook was not told, given up at an instant or later; return how many.

        Each is added once, whoever asks how often: until it is given up again.
        """
        ...

    def state_of(self, id: str) -> DeliveryState | None:
        """Return what became of a message; None if there is none."""
        ...

    def page(
        self, *, after: str, limit: int, state: DeliveryState | None = None
    ) -> list[DeliveryRecord]:
        """Return messages by id, ascending, after the given id; of one state if named."""
        ...

    def number(self, *, limit: int) -> int:
        """
        Number messages that are committed and have none, behind all that have one.

        Who reads at the same time waits. Return how many were numbered, at most the limit.
        """
        ...

    def numbered(
        self, topics: Collection[str], *, after: int, limit: int
    ) -> tuple[NumberedMessage, ...]:
        """Return numbered messages of topics, in order, behind a number."""
        ...

    def last_number(self) -> int:
        """Return the last number that was given; 0: none."""
        ...


class OutboxClaims(Protocol):
    """What the deliverer needs, across workspaces."""

    def claim(self, *, now: datetime, lease_ends_at: datetime, limit: int) -> list[Claim]:
        """Claim due messages; those that another deliverer is claiming now are passed over."""
        ...

    def claim_lane(
        self, *, now: datetime, lease_ends_at: datetime, limit: int, busy: Collection[str]
    ) -> list[Claim]:
        """Claim due messages of one lane: of those not busy, the one that waits longest."""
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


GIVEN_UP = "given_up"


class Delivery(Protocol):
    """The way out: webhook, mail, message."""

    def deliver(self, message: Message) -> Outcome[None]:
        """Deliver; refused or raising means: try again later, but for the code `GIVEN_UP`."""
        ...

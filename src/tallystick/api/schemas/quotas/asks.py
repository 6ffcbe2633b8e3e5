"""What is asked of quotas, as it comes over the wire, and the ask that it is."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import UTC, datetime
from decimal import Decimal
from typing import Annotated, Any, TypeAlias

import msgspec

from tallystick.app.quotas import (
    Acquire,
    Ask,
    Check,
    Commit,
    Consume,
    GiveBack,
    Lease,
    Release,
    Report,
    Reserve,
    UsedEvent,
)
from tallystick.kernel import AccountKey

MANY_MAX = 1_000
RESERVED_SECONDS_MAX = 86_400
LEASED_SECONDS_MAX = 3_600
REPORTED_MAX = 5_000

Key = Annotated[str, msgspec.Meta(min_length=1, max_length=256)]
Name = Annotated[str, msgspec.Meta(max_length=100)]
# At most 20 digits before the point and 18 behind it, as in events.
Amount = Annotated[
    str, msgspec.Meta(pattern=r"^[0-9]{1,20}(\.[0-9]{1,18})?$", max_length=39, examples=["1"])
]
Reserved = Annotated[int, msgspec.Meta(ge=1, le=RESERVED_SECONDS_MAX)]
Leased = Annotated[int, msgspec.Meta(ge=1, le=LEASED_SECONDS_MAX)]
Data: TypeAlias = dict[str, Any]


class _Order(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """What all orders share: nothing that they do not name."""


class _Named(_Order, frozen=True, kw_only=True):
    """About a feature of an account."""

    account: Key
    feature: Key


class CheckOrder(_Named, frozen=True, kw_only=True):
    """May so much be used?"""

    quantity: Amount = "1"
    operation: Name = ""

    def ask(self) -> Ask:
        """Return the ask."""
        return Check(
            account=AccountKey(self.account),
            feature=self.feature,
            quantity=Decimal(self.quantity),
            operation=self.operation,
        )


class ConsumeOrder(_Named, frozen=True, kw_only=True):
    """
    Use so much; `source` and `id` name the event that it becomes (a rate needs none).

    `happened` tells of a use that was let through at `time`, while nobody could ask, as its feature
    declares (`fail_open`): it is recorded in any case, and the decision says what it would have
    been.
    """

    quantity: Amount = "1"
    source: Annotated[str, msgspec.Meta(max_length=512)] = ""
    id: Annotated[str, msgspec.Meta(max_length=256)] = ""
    operation: Name = ""
    data: Data = msgspec.field(default_factory=dict)
    happened: bool = False
    time: Annotated[datetime, msgspec.Meta(tz=True)] | None = None

    def ask(self) -> Ask:
        """Return the ask."""
        quantity = Decimal(self.quantity)
        event = None
        if self.source and self.id:
            event = UsedEvent(
                source=self.source,
                id=self.id,
                quantity=quantity,
                data=self.data,
                used_at=self.time.astimezone(UTC) if self.time and self.happened else None,
            )
        return Consume(
            account=AccountKey(self.account),
            feature=self.feature,
            quantity=quantity,
            event=event,
            operation=self.operation,
            happened=self.happened,
        )


class ReserveOrder(_Named, frozen=True, kw_only=True):
    """Hold so much for a time under a name made by the caller."""

    reservation: Key
    quantity: Amount
    seconds: Reserved = 300
    operation: Name = ""

    def ask(self) -> Ask:
        """Return the ask."""
        return Reserve(
            account=AccountKey(self.account),
            feature=self.feature,
            quantity=Decimal(self.quantity),
            key=self.reservation,
            seconds=self.seconds,
            operation=self.operation,
        )


class CommitOrder(_Order, frozen=True, kw_only=True):
    """Use what a reservation holds, or a part of it."""

    reservation: Key
    quantity: Amount
    source: Annotated[str, msgspec.Meta(min_length=1, max_length=512)]
    id: Key
    data: Data = msgspec.field(default_factory=dict)

    def ask(self) -> Ask:
        """Return the ask."""
        quantity = Decimal(self.quantity)
        event = UsedEvent(source=self.source, id=self.id, quantity=quantity, data=self.data)
        return Commit(key=self.reservation, event=event)


class ReleaseOrder(_Order, frozen=True, kw_only=True):
    """Give back what a reservation holds."""

    reservation: Key

    def ask(self) -> Ask:
        """Return the ask."""
        return Release(key=self.reservation)


class LeaseOrder(_Named, frozen=True, kw_only=True):
    """Take a slice along, to decide by oneself, under a name made by the caller."""

    lease: Key
    quantity: Amount
    seconds: Leased = 60

    def ask(self) -> Ask:
        """Return the ask."""
        return Lease(
            account=AccountKey(self.account),
            feature=self.feature,
            quantity=Decimal(self.quantity),
            key=self.lease,
            seconds=self.seconds,
        )


class SpentOrder(_Order, frozen=True, kw_only=True):
    """One use of a lease; without `time` it was now."""

    source: Annotated[str, msgspec.Meta(min_length=1, max_length=512)]
    id: Key
    quantity: Amount = "1"
    data: Data = msgspec.field(default_factory=dict)
    time: Annotated[datetime, msgspec.Meta(tz=True)] | None = None


class ReportOrder(_Order, frozen=True, kw_only=True):
    """What was spent of a lease; `close` gives the rest back, `more` and `seconds` prolong it."""

    lease: Key
    events: Annotated[tuple[SpentOrder, ...], msgspec.Meta(max_length=REPORTED_MAX)] = ()
    close: bool = False
    more: Amount = "0"
    seconds: Leased | None = None

    def ask(self) -> Ask:
        """Return the ask."""
        return Report(
            key=self.lease,
            events=tuple(
                UsedEvent(
                    source=one.source,
                    id=one.id,
                    quantity=Decimal(one.quantity),
                    data=one.data,
                    used_at=None if one.time is None else one.time.astimezone(UTC),
                )
                for one in self.events
            ),
            close=self.close,
            more=Decimal(self.more),
            seconds=self.seconds,
        )


class AcquireOrder(_Named, frozen=True, kw_only=True):
    """Let something exist that a level counts."""

    unit: Key
    quantity: Amount = "1"

    def ask(self) -> Ask:
        """Return the ask."""
        return Acquire(
            account=AccountKey(self.account),
            feature=self.feature,
            unit=self.unit,
            quantity=Decimal(self.quantity),
        )


class GiveBackOrder(_Named, frozen=True, kw_only=True):
    """Say that something a level counts is gone."""

    unit: Key

    def ask(self) -> Ask:
        """Return the ask."""
        return GiveBack(account=AccountKey(self.account), feature=self.feature, unit=self.unit)


QuotaOrder: TypeAlias = (
    CheckOrder
    | ConsumeOrder
    | ReserveOrder
    | CommitOrder
    | ReleaseOrder
    | LeaseOrder
    | ReportOrder
    | AcquireOrder
    | GiveBackOrder
)

ORDERS: Mapping[str, type[QuotaOrder]] = {
    "check": CheckOrder,
    "consume": ConsumeOrder,
    "reserve": ReserveOrder,
    "commit": CommitOrder,
    "release": ReleaseOrder,
    "lease": LeaseOrder,
    "report": ReportOrder,
    "acquire": AcquireOrder,
    "give-back": GiveBackOrder,
}


class Many(_Order, frozen=True, kw_only=True):
    """Several orders of one kind, decided in their order."""

    requests: Annotated[tuple[msgspec.Raw, ...], msgspec.Meta(min_length=1, max_length=MANY_MAX)]


def asks_of(orders: Sequence[QuotaOrder]) -> list[Ask]:
    """Return the asks that orders are."""
    return [order.ask() for order in orders]

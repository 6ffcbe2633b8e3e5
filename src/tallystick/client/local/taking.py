"""Taking slices, and what a refusal of the server spares the next ones like it."""

import time
from dataclasses import dataclass
from decimal import Decimal

from tallystick.client.local.slice_books import Desk
from tallystick.client.local.slices import Slice
from tallystick.client.local.uses import Head
from tallystick.client.quotas import Decision, TakeLease, made_id

ASK_AGAIN_SECONDS = 1
"""So long a refusal of the server stands for the next ones like it."""

_NANO = 1_000_000_000


@dataclass(frozen=True, slots=True, kw_only=True)
class LeaseOrder:
    """What is leased: slices of `quantity`, each for `seconds`; `source` is that of the events."""

    account: str
    feature: str
    quantity: Decimal
    seconds: int
    source: str

    def head(self, lease: str) -> Head:
        """Return what the book of a slice begins with."""
        return Head(lease=lease, account=self.account, feature=self.feature, source=self.source)


class Taker:
    """Takes slices of one order; one thread at a time."""

    def __init__(self, order: LeaseOrder, desk: Desk) -> None:
        self._order = order
        self._desk = desk
        self._none_until = 0

    def take(self, wanted: Decimal) -> Slice | None:
        """
        Return a slice, which may be less than is wanted; None: there is none for a moment.

        Raises:
            ServerUnreachable, RequestRefused: a slice that was granted all the same ends by itself.
        """
        began_at = steady_ns()
        if began_at < self._none_until:
            return None
        asked = TakeLease(
            account=self._order.account,
            feature=self._order.feature,
            quantity=wanted,
            lease=made_id(),
            seconds=self._order.seconds,
        )
        (decision,) = self._desk.ask_all([asked])
        if decision.lease is None or not decision.allowed:
            self._none_until = steady_ns() + ASK_AGAIN_SECONDS * _NANO
            return None
        return Slice(
            lease=asked.lease,
            granted=decision.lease.granted,
            began_at=began_at,
            ends_at=began_at + decision.lease.seconds * _NANO,
        )


class Refusals:
    """The last refusal, while it is fresh."""

    def __init__(self) -> None:
        self._last: tuple[int, Decision] | None = None

    def standing(self, quantity: Decimal) -> Decision | None:
        """Return the server's refusal of no more than this, None if it must be asked."""
        if self._last is None:
            return None
        until, refused = self._last
        return refused if steady_ns() < until and quantity >= refused.quantity else None

    def remember(self, decision: Decision) -> None:
        """Keep a refusal of the server."""
        if not decision.allowed and not decision.degraded:
            self._last = (steady_ns() + ASK_AGAIN_SECONDS * _NANO, decision)


def refusal(order: LeaseOrder, quantity: Decimal, *, message: str) -> Decision:
    """Return the decision on what cannot be written down."""
    return Decision(
        allowed=False,
        reason="spool_full",
        account=order.account,
        feature=order.feature,
        quantity=quantity,
        message=message,
    )


def steady_ns() -> int:
    """Return a clock in nanoseconds that nobody sets and that goes on in suspense."""
    return time.clock_gettime_ns(time.CLOCK_BOOTTIME)

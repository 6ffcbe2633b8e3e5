"""
Leased quota: a slice of a limit in this process, decided in microseconds without the network.

`consume` takes from the slice at hand and writes the use into the slice's book before it answers.
The next slice is taken in the background while this one runs low; slices that are used up or have
ended are reported and given back. Where no slice can pay, the server is asked; where it cannot be,
the feature's own word holds (`fail_open`, `fail_closed`).

How long a slice may be spent is counted from before it was asked for, on a steady clock that goes
on while the machine sleeps: the server's end is never passed, however the clock on the wall is set.
A slice that nobody spends from is not renewed.
"""

import asyncio
import contextlib
import os
import threading
import time
from dataclasses import dataclass
from decimal import Decimal

from tallystick.client.errors import ServerUnreachable
from tallystick.client.local.book import BookFull
from tallystick.client.local.slice_books import Desk, SliceBooks, report_books
from tallystick.client.local.slices import Purse, Slice
from tallystick.client.local.uses import Head, use_line
from tallystick.client.quotas import Consume, Decision, Number, TakeLease, made_id
from tallystick.kernel import Misuse

ASK_AGAIN_SECONDS = 1
"""So long a refusal of the server stands for the next ones like it."""

_NANO = 1_000_000_000
_WITHIN_LIMIT = "within_limit"


@dataclass(frozen=True, slots=True, kw_only=True)
class LeaseOrder:
    """What is leased: slices of `quantity`, each for `seconds`; `source` is that of the events."""

    account: str
    feature: str
    quantity: Decimal
    seconds: int
    source: str


class LeasedQuota:
    """A limit of one account, spent by any number of threads; made by `LocalQuotas.leased`."""

    def __init__(self, order: LeaseOrder, *, desk: Desk) -> None:
        self._order = order
        self._desk = desk
        self._lock = threading.Lock()
        self._taking = threading.Lock()
        self._purse = Purse()
        self._books = SliceBooks(desk, lock=self._lock)
        self._process = os.getpid()
        self._is_closed = False
        self._is_low = False
        self._none_until = 0
        self._refusal: tuple[int, Decision] | None = None

    def consume(
        self,
        quantity: Number = 1,
        *,
        id: str = "",
        data: dict[str, object] | None = None,
    ) -> Decision:
        """
        Use so much, more than 0; asks the server only where no slice can pay.

        Args:
            quantity: exact; an int or a Decimal.
            id: of the event; empty: one is made.
            data: further data of the event.

        Raises:
            Misuse: it was made before this process was forked, or is closed.
            EngineBusy: too many wait for the server already.
        """
        decision = self.consume_now(quantity, id=id, data=data)
        return self._decide_by_asking(quantity, id, data) if decision is None else decision

    async def consume_async(
        self,
        quantity: Number = 1,
        *,
        id: str = "",
        data: dict[str, object] | None = None,
    ) -> Decision:
        """Use so much as `consume` does; the event loop goes on while the server is asked."""
        decision = self.consume_now(quantity, id=id, data=data)
        if decision is not None:
            return decision
        return await asyncio.to_thread(self._decide_by_asking, quantity, id, data)

    def consume_now(
        self,
        quantity: Number = 1,
        *,
        id: str = "",
        data: dict[str, object] | None = None,
    ) -> Decision | None:
        """Use so much of the slice at hand; None: it cannot pay, and nothing was used."""
        if not quantity > 0 or isinstance(quantity, float):
            msg = f"a use is an int or Decimal more than 0, not {quantity!r}"
            raise Misuse(msg)
        if os.getpid() != self._process:
            raise Misuse("leased quotas are of one process: make them after it was forked")
        with self._lock:
            spent = self._purse.spend(quantity, steady_ns())
            if spent is None:
                return None
            named = id or f"{spent.lease}-{spent.uses}"
            try:
                self._books.write(spent.lease, use_line(named, quantity, time.time_ns(), data))
            except BookFull as error:
                self._purse.restore(spent, quantity)
                return self._refused("spool_full", quantity, str(error))
            left = spent.left
            runs_low = left < spent.low_below and not self._is_low
            self._is_low |= runs_low
        if runs_low:
            self._desk.wake()
        return Decision(
            allowed=True,
            reason=_WITHIN_LIMIT,
            account=self._order.account,
            feature=self._order.feature,
            quantity=Decimal(quantity),
            remaining=left,
        )

    @property
    def unreported(self) -> Decimal:
        """Return how much was spent that the server does not know yet."""
        return self._books.unreported()

    @property
    def books(self) -> SliceBooks:
        """Return what is written of it."""
        return self._books

    def renew(self) -> None:
        """
        Take the next slice if it is time, and note what is to be given back.

        Called in the background, before `report_books`.

        Raises:
            ServerUnreachable, RequestRefused: tried again with the next call.
        """
        with self._lock:
            is_low = self._purse.is_low(steady_ns())
            self._books.end(self._purse.take_ended(steady_ns()))
        try:
            if is_low:
                with self._taking:
                    self._take(self._order.quantity)
        finally:
            self._is_low = False

    def close(self) -> None:
        """
        Report what was spent and give back what is left; nothing can be spent then.

        Raises:
            ServerUnreachable, RequestRefused: the books stay for whoever comes next.
        """
        self._is_closed = True
        try:
            with self._taking:
                self._give_back()
        finally:
            self._books.sync()
            self._books.close()

    def _give_back(self) -> None:
        with self._lock:
            self._books.end(self._purse.take_all())
        report_books([self._books], self._desk)

    def _decide_by_asking(
        self, quantity: Number, id_: str, data: dict[str, object] | None
    ) -> Decision:
        exact = Decimal(quantity)
        asked = Consume(
            account=self._order.account,
            feature=self._order.feature,
            source=self._order.source,
            id=id_ or made_id(),
            quantity=exact,
            data=data,
        )
        with self._taking:
            if self._is_closed:
                raise Misuse("these quotas are closed")
            decision = self.consume_now(quantity, id=asked.id, data=data)
            if decision is None:
                refused = self._standing_refusal(exact)
                if refused is not None:
                    return refused
                with contextlib.suppress(ServerUnreachable):
                    self._take(max(self._order.quantity, exact))
                decision = self.consume_now(quantity, id=asked.id, data=data)
            if decision is not None:
                return decision
            if self._purse.current is not None:
                # What is at hand counts as held: back with it, and the server decides on the whole.
                with contextlib.suppress(ServerUnreachable):
                    self._give_back()
        decision = self._desk.decide(asked)
        if not decision.allowed and not decision.degraded:
            self._refusal = (steady_ns() + ASK_AGAIN_SECONDS * _NANO, decision)
        return decision

    def _standing_refusal(self, quantity: Decimal) -> Decision | None:
        """Return the server's last refusal of no more than this, while it is fresh."""
        if self._refusal is None:
            return None
        until, refused = self._refusal
        return refused if steady_ns() < until and quantity >= refused.quantity else None

    def _take(self, wanted: Decimal) -> None:
        """Take a slice, which may be less than is wanted, or none."""
        began_at = steady_ns()
        if began_at < self._none_until:
            return
        order = self._order
        asked = TakeLease(
            account=order.account,
            feature=order.feature,
            quantity=wanted,
            lease=made_id(),
            seconds=order.seconds,
        )
        (decision,) = self._desk.ask_all([asked])
        if decision.lease is None or not decision.allowed:
            self._none_until = steady_ns() + ASK_AGAIN_SECONDS * _NANO
            return
        head = Head(
            lease=asked.lease, account=order.account, feature=order.feature, source=order.source
        )
        slice_ = Slice(
            lease=asked.lease,
            granted=decision.lease.granted,
            began_at=began_at,
            ends_at=began_at + decision.lease.seconds * _NANO,
        )
        with self._lock:
            self._books.open(head)
            self._purse.put(slice_)

    def _refused(self, reason: str, quantity: Number, message: str) -> Decision:
        return Decision(
            allowed=False,
            reason=reason,
            account=self._order.account,
            feature=self._order.feature,
            quantity=Decimal(quantity),
            message=message,
        )


def steady_ns() -> int:
    """Return a clock in nanoseconds that nobody sets and that goes on in suspense."""
    return time.clock_gettime_ns(time.CLOCK_BOOTTIME)

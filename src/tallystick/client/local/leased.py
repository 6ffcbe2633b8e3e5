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
import threading
from decimal import Decimal

from tallystick.client.errors import ServerUnreachable
from tallystick.client.local.at_hand import SlicesAtHand
from tallystick.client.local.book import BookFull
from tallystick.client.local.slice_books import Desk, SliceBooks, report_books
from tallystick.client.local.taking import LeaseOrder, Refusals, Taker
from tallystick.client.quotas import Consume, Decision, Number, made_id
from tallystick.kernel import Misuse


class LeasedQuota:
    """A limit of one account, spent by any number of threads; made by `LocalQuotas.leased`."""

    def __init__(self, order: LeaseOrder, *, desk: Desk) -> None:
        self._order = order
        self._desk = desk
        self._at_hand = SlicesAtHand(order, desk)
        self._taking = threading.Lock()
        self._is_closed = False
        self._taker = Taker(order, desk)
        self._refusals = Refusals()

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
        return self._at_hand.spend(quantity, id, data)

    @property
    def unreported(self) -> Decimal:
        """Return how much was spent that the server does not know yet."""
        return self._at_hand.books.unreported()

    @property
    def books(self) -> SliceBooks:
        """Return what is written of it."""
        return self._at_hand.books

    def renew(self) -> None:
        """
        Take the next slice if it is time, and note what is to be given back.

        Called in the background, before `report_books`.

        Raises:
            ServerUnreachable, RequestRefused: tried again with the next call.
        """
        if self._at_hand.end_what_ended():
            with self._taking:
                self._take(self._order.quantity)

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
            self.books.sync()
            self.books.close()

    def _give_back(self) -> None:
        self._at_hand.end_all()
        report_books([self.books], self._desk)

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
                refused = self._refusals.standing(exact)
                if refused is not None:
                    return refused
                with contextlib.suppress(ServerUnreachable):
                    self._take(max(self._order.quantity, exact))
                decision = self.consume_now(quantity, id=asked.id, data=data)
            if decision is not None:
                return decision
            if self._at_hand.has_any:
                # What is at hand counts as held: back with it, and the server decides on the whole.
                with contextlib.suppress(ServerUnreachable):
                    self._give_back()
        decision = self._desk.decide(asked)
        self._refusals.remember(decision)
        return decision

    def _take(self, wanted: Decimal) -> None:
        """Take a slice, which may be less than is wanted, or none."""
        taken = self._taker.take(wanted)
        if taken is not None:
            with contextlib.suppress(BookFull):
                self._at_hand.put(taken)

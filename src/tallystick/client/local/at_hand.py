"""The slices of one limit that a process holds, and their books, for any number of threads."""

import os
import threading
import time
from decimal import Decimal

from tallystick.client.local.book import BookFull
from tallystick.client.local.slice_books import Desk, SliceBooks
from tallystick.client.local.slices import Purse, Slice
from tallystick.client.local.taking import LeaseOrder, refusal, steady_ns
from tallystick.client.local.uses import use_line
from tallystick.client.quotas import Decision, Number
from tallystick.kernel import Misuse

_WITHIN_LIMIT = "within_limit"


class SlicesAtHand:
    """What is spent without the network; nothing here waits for anybody but another thread."""

    def __init__(self, order: LeaseOrder, desk: Desk) -> None:
        self._order = order
        self._wake = desk.wake
        self._lock = threading.Lock()
        self._purse = Purse()
        self._process = os.getpid()
        self._is_low = False
        self.books = SliceBooks(desk, lock=self._lock)

    @property
    def has_any(self) -> bool:
        """Tell whether a slice is held."""
        return self._purse.current is not None

    def spend(self, quantity: Number, id_: str, data: dict[str, object] | None) -> Decision | None:
        """
        Decide on a use, and write it down; None: no slice can pay.

        Raises:
            Misuse: it is no use, or of a process that was forked since.
        """
        if not quantity > 0 or isinstance(quantity, float):
            msg = f"a use is an int or Decimal more than 0, not {quantity!r}"
            raise Misuse(msg)
        if os.getpid() != self._process:
            raise Misuse("leased quotas are of one process: make them after it was forked")
        with self._lock:
            spent = self._purse.spend(quantity, steady_ns())
            if spent is None:
                return None
            named = id_ or f"{spent.lease}-{spent.uses}"
            try:
                self.books.write(spent.lease, use_line(named, quantity, time.time_ns(), data))
            except BookFull as error:
                self._purse.restore(spent, quantity)
                return refusal(self._order, Decimal(quantity), message=f"{error}")
            left = spent.left
            runs_low = left < spent.low_below and not self._is_low
            self._is_low |= runs_low
        if runs_low:
            self._wake()
        return Decision(
            allowed=True,
            reason=_WITHIN_LIMIT,
            account=self._order.account,
            feature=self._order.feature,
            quantity=Decimal(quantity),
            remaining=left,
        )

    def put(self, slice_: Slice) -> None:
        """
        Take a slice that was granted.

        Raises:
            BookFull: its book cannot be begun; it ends by itself.
        """
        with self._lock:
            self.books.open(self._order.head(slice_.lease))
            self._purse.put(slice_)

    def end_what_ended(self) -> bool:
        """Note what is to be given back, and tell whether another slice should be taken."""
        with self._lock:
            now = steady_ns()
            is_low = self._purse.is_low(now)
            self.books.end(self._purse.take_ended(now))
            self._is_low = False
        return is_low

    def end_all(self) -> None:
        """Note that all is to be given back; nothing can be spent then."""
        with self._lock:
            self.books.end(self._purse.take_all())

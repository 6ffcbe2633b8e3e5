"""
Periods of one contract that were worked out, kept for the next question.

What a question costs follows from the periods that it asks for, not from the age of the contract:
the last one that has begun is found without going through those before it.  Who asks for more and
more of them has them all worked out once, in their order.
"""

from bisect import bisect_right
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import TypeAlias

from tallystick.kernel import Period
from tallystick.subscriptions.periods import BillingPeriod

_MOMENT = timedelta(microseconds=1)
_SOUGHT_MAX = 8

Walk: TypeAlias = Callable[[datetime | None], Iterator[BillingPeriod]]
"""Goes through periods in their order; of those before an instant it may leave out any."""


@dataclass(slots=True)
class Walked:
    """
    The periods of a contract, or of a price with an interval of its own.

    Attributes:
        walk: gives them.
        known: those from the first on that were walked through.
    """

    walk: Walk
    known: list[BillingPeriod] = field(default_factory=list)
    _starts: list[datetime] = field(default_factory=list)
    _rest: Iterator[BillingPeriod] | None = None
    _ended: bool = False
    _sought: int = 0

    def through(self, at: datetime) -> tuple[BillingPeriod, ...]:
        """Return the periods that begin at or before an instant, oldest first."""
        self._walk_on(at)
        return tuple(self.known[: bisect_right(self._starts, at)])

    def last(self, at: datetime) -> BillingPeriod | None:
        """Return the last period that begins at or before an instant; None: none does."""
        found = self._around(at, at)
        return found[-1] if found else None

    def touching(self, span: Period) -> list[BillingPeriod]:
        """Return the periods that overlap a span, or begin or end at one of its ends."""
        found = self._around(span.start - _MOMENT, span.end)
        return [one for one in found if one.span.end >= span.start]

    def _around(self, first: datetime, last: datetime) -> list[BillingPeriod]:
        """Return periods that begin by an instant: those from an earlier one on, or some more."""
        if not self._is_known(last) and self._sought < _SOUGHT_MAX:
            self._sought += 1
            return _begun(self.walk(first), last)
        self._walk_on(last)
        since = max(0, bisect_right(self._starts, first) - 1)
        return self.known[since : bisect_right(self._starts, last)]

    def _is_known(self, at: datetime) -> bool:
        return self._ended or bool(self._starts and self._starts[-1] >= at)

    def _walk_on(self, at: datetime) -> None:
        """Work out the periods that begin by an instant."""
        try:
            self._rest = self._rest or self.walk(None)
            while not self._is_known(at):
                following = next(self._rest, None)
                if following is None:
                    self._ended = True
                    return
                self.known.append(following)
                self._starts.append(following.span.start)
        except BaseException:
            # A walk that failed would end here when it is asked again, as if the contract did.
            self._rest, self.known, self._starts = None, [], []
            raise


def _begun(walk: Iterator[BillingPeriod], by: datetime) -> list[BillingPeriod]:
    found: list[BillingPeriod] = []
    for period in walk:
        if period.span.start > by:
            break
        found.append(period)
    return found

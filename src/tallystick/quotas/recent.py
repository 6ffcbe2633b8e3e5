"""
What was used in the time just before an instant, kept in slices so that it stays small.

A slice is a sixtieth of the length.  One that began within the length, or ended within it, counts
whole: what is kept is never less than what was used, so that no stretch of the length ever holds
more than a limit.  In return a refusal may last up to one slice longer than an exact log of every
use would have it.

    60 s, slices of 1 s: 300 used at 10:00:00.2 count until 10:01:01.0

Source: the project's semantics, "Quotas" (rolling windows, rates per second or minute).
"""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta
from decimal import Decimal

from tallystick.kernel import EXACT, from_micros, micros

SLICES = 60


@dataclass(frozen=True, slots=True)
class Recent:
    """
    Uses by slice, the oldest first.

    Attributes:
        slices: (number of the slice since 1970, exact amount).
    """

    slices: tuple[tuple[int, Decimal], ...] = ()

    def used(self, at: datetime, length: timedelta) -> Decimal:
        """
        Return what was used in the ``length`` before an instant, whole slices at its edge.

        Example:
            >>> from tallystick.kernel import instant
            >>> minute = timedelta(minutes=1)
            >>> some = Recent().add(instant("2026-01-01T10:00:00.2Z"), minute, Decimal(300))
            >>> [some.used(instant(at), minute) for at in
            ...  ("2026-01-01T10:01:00.9Z", "2026-01-01T10:01:01Z")]
            [Decimal('300'), Decimal('0')]
        """
        return _sum(amount for _, amount in self.counting(at, length).slices)

    def counting(self, at: datetime, length: timedelta) -> "Recent":
        """Return it without what no longer counts at an instant."""
        first = _first_slice(at, length)
        return Recent(tuple((number, amount) for number, amount in self.slices if number >= first))

    def add(self, at: datetime, length: timedelta, quantity: Decimal) -> "Recent":
        """Return it with a use at an instant; what no longer counts at the newest slice is gone."""
        number = micros(at) // _slice_micros(length)
        found = dict(self.slices)
        found[number] = EXACT.add(found.get(number, Decimal(0)), quantity)
        oldest = max(found) - SLICES
        return Recent(tuple(sorted((n, q) for n, q in found.items() if n >= oldest and q)))

    def room_at(self, at: datetime, length: timedelta, *, most: Decimal) -> datetime | None:
        """
        Return when no more than ``most`` counts any longer: ``at`` itself, or the end of a slice.

        None where ``most`` is below 0: waiting helps nobody then.
        """
        if most < 0:
            return None
        left = self.used(at, length)
        if left <= most:
            return at
        size = _slice_micros(length)
        for number, amount in self.slices:
            if number < _first_slice(at, length):
                continue
            left = EXACT.subtract(left, amount)
            if left <= most:
                return from_micros((number + 1) * size) + length
        return None


def _slice_micros(length: timedelta) -> int:
    return max(1, length // timedelta(microseconds=SLICES))


def _first_slice(at: datetime, length: timedelta) -> int:
    """Return the first slice that ends after ``at - length``."""
    return (micros(at) - length // timedelta(microseconds=1)) // _slice_micros(length)


def _sum(amounts: Iterable[Decimal]) -> Decimal:
    total = Decimal(0)
    for amount in amounts:
        total = EXACT.add(total, amount)
    return total

"""
What each lot holds at an instant, and what lapsed until then.

At one instant things happen in this order: what ends expires, what may not roll over lapses, new
lots start, then come the movements, and last the voids. So a lot may not be used at the instant of
its end, what is used at the instant of a boundary is used behind it, and a void takes what was left
by the uses recorded before it.

    10.00 until day 10, of which 4.00 are used on day 5

        as of day 4    10.00
        as of day 5     6.00
        as of day 10    0.00, and 6.00 have expired

What lapsed is derived and therefore moves with the facts: a use on day 5 that is recorded on day 12
makes 2.00 of 6.00 expired if it takes 4.00. What comes back to a lot behind its end lapses at once.

**Rolling over.** At the end of a period of a grant that recurs, what its older lots hold together
may not exceed the cap; the oldest give first. With 1,500 a month, none used, and a cap of 2,000:

        first boundary     lot 0: 1,500
        second boundary    lot 0:   500, lot 1: 1,500; 1,000 of lot 0 have lapsed
"""

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from enum import StrEnum
from functools import partial
from typing import TypeAlias

from tallystick.credits.grant import Grant, Holding
from tallystick.credits.history import CreditHistory, Void
from tallystick.credits.lots import Lot, LotId, lots_of
from tallystick.kernel import EXACT

_NOTHING = Decimal(0)
Changes: TypeAlias = Mapping[LotId, Sequence[tuple[datetime, Decimal]]]
_Happening: TypeAlias = tuple[datetime, int, Lot, Callable[[Lot, datetime], None]]


class LapseKind(StrEnum):
    """Why a lot lost what it held."""

    EXPIRED = "expired"
    VOIDED = "voided"


@dataclass(frozen=True, slots=True, kw_only=True)
class Lapse:
    """So much of a lot was lost at an instant, above 0."""

    lot: LotId
    at: datetime
    amount: Decimal
    kind: LapseKind


@dataclass(frozen=True, slots=True, kw_only=True)
class LotStanding:
    """
    A lot as it stands.

    Attributes:
        left: what it holds, in what its grant holds; 0 or more.
        ends_at: from when on it may not be used: expiry or void, whichever is first.
        lapses: what it lost so far, in order.
        changes: what movements do to it and when, as recorded; later ones included.
    """

    lot: Lot
    left: Decimal
    ends_at: datetime | None
    lapses: tuple[Lapse, ...]
    changes: tuple[tuple[datetime, Decimal], ...]

    def free_at(self, at: datetime) -> Decimal:
        """
        Return how much may still be taken of it at the instant of which it stands.

        That is what it holds, less what movements recorded for later instants need of it.
        """
        ahead = needed = _NOTHING
        for when, change in sorted(self.changes, key=lambda one: one[0]):
            if when > at:
                ahead = EXACT.add(ahead, change)
                needed = max(needed, -ahead)
        return max(EXACT.subtract(self.left, needed), _NOTHING)


@dataclass(frozen=True, slots=True, kw_only=True)
class Supply:
    """A lot, and how much of it may be used."""

    lot: Lot
    free: Decimal


def standing(history: CreditHistory, at: datetime) -> tuple[LotStanding, ...]:
    """
    Return every lot that has started at an instant, as it stands then, in burn order.

    Movements and voids at the instant itself count; those after it only bound what is free.
    """
    changes: dict[LotId, list[tuple[datetime, Decimal]]] = {}
    for lot, when, change in history.changes():
        changes.setdefault(lot, []).append((when, change))
    voids = {void.grant: void for void in history.voids}
    found: list[LotStanding] = []
    for place, grant in enumerate(history.grants):
        lots = lots_of(grant, through=at, place=place)
        found += _Run(grant, lots, voids.get(grant.key)).until(at, changes)
    return tuple(sorted(found, key=lambda one: one.lot.order))


def balance(history: CreditHistory, at: datetime, of: Holding) -> Decimal:
    """
    Return what an account may use at an instant, past or present, of one currency or unit.

    Example:
        >>> from tallystick.kernel import currency, instant
        >>> balance(CreditHistory(), instant("2026-01-01T00:00:00Z"), currency("EUR"))
        Decimal('0')
    """
    total = _NOTHING
    for one in standing(history, at):
        if one.lot.grant.of == of:
            total = EXACT.add(total, one.left)
    return total


class _Run:
    """The lots of one grant, brought forward through time."""

    def __init__(self, grant: Grant, lots: Sequence[Lot], void: Void | None) -> None:
        self._cap = None if grant.recurs is None else grant.recurs.rollover_max
        self._lots = lots
        self._void = void
        self._left: dict[LotId, Decimal] = {}
        self._lapses: dict[LotId, list[Lapse]] = {lot.id: [] for lot in lots}

    def until(self, at: datetime, changes: Changes) -> Iterator[LotStanding]:
        """Yield the lots as of an instant, which belongs to the time gone through."""
        for when, _, lot, act in sorted(self._happenings(changes), key=lambda one: one[:2]):
            if when <= at:
                act(lot, when)
        for lot in self._lots:
            yield LotStanding(
                lot=lot,
                left=self._left.get(lot.id, _NOTHING),
                ends_at=self._end_of(lot),
                lapses=tuple(self._lapses[lot.id]),
                changes=tuple(changes.get(lot.id, ())),
            )

    def _happenings(self, changes: Changes) -> Iterator[_Happening]:
        """Yield what happens to lots; at one instant those of the smaller number come first."""
        for lot in self._lots:
            if lot.expires_at is not None:
                yield lot.expires_at, 0, lot, self._empty
            yield lot.starts_at, 1, lot, self._start
            for when, change in changes.get(lot.id, ()):
                yield when, 2, lot, partial(self._move, change)
            if self._void is not None:
                yield self._void.at, 3, lot, self._empty

    def _end_of(self, lot: Lot) -> datetime | None:
        ends = (lot.expires_at, None if self._void is None else self._void.at)
        return min((end for end in ends if end is not None), default=None)

    def _has_ended(self, lot: Lot, at: datetime) -> bool:
        """Tell whether nothing can stay in a lot while movements of an instant are gone through."""
        has_expired = lot.expires_at is not None and lot.expires_at <= at
        return has_expired or (self._void is not None and self._void.at < at)

    def _start(self, lot: Lot, at: datetime) -> None:
        """Let older lots keep what may roll over, and open a new one unless it has ended before."""
        if self._cap is not None:
            excess = sum(self._left.values(), _NOTHING) - self._cap
            for older in self._lots:
                if excess > 0 and self._left.get(older.id, _NOTHING) > 0:
                    lost = min(excess, self._left[older.id])
                    excess -= lost
                    self._lapse(older, at, lost)
        self._left[lot.id] = lot.amount
        if self._has_ended(lot, at):
            self._empty(lot, at)

    def _move(self, change: Decimal, lot: Lot, at: datetime) -> None:
        """Take of a lot or bring back to it; what comes back behind its end lapses at once."""
        self._left[lot.id] = EXACT.add(self._left[lot.id], change)
        if self._has_ended(lot, at):
            self._empty(lot, at)

    def _empty(self, lot: Lot, at: datetime) -> None:
        if self._left.get(lot.id, _NOTHING) > 0:
            self._lapse(lot, at, self._left[lot.id])

    def _lapse(self, lot: Lot, at: datetime, amount: Decimal) -> None:
        is_void = self._void is not None and self._void.at <= at
        kind = LapseKind.VOIDED if is_void else LapseKind.EXPIRED
        self._lapses[lot.id].append(Lapse(lot=lot.id, at=at, amount=amount, kind=kind))
        self._left[lot.id] = EXACT.subtract(self._left[lot.id], amount)

"""
Taking credit and bringing it back.

What is taken comes from lots in burn order; what comes back goes to the lots it was taken of, in
the reverse order, so that whatever would have been used last is whole first.

    used 10.00: 4.00 of the lot until day 10, 6.00 of the lot until day 15
    brought back  5.00: 5.00 to the lot until day 15
    brought back  8.00: 6.00 to the lot until day 15, 2.00 to the lot until day 10

Something may be taken for an instant in the past. It takes no more than lots held then and later
uses do not need, so no lot ever held less than nothing.
"""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from decimal import ROUND_DOWN, Decimal

from tallystick.credits.grant import Holding, Scope, Use
from tallystick.credits.history import CreditHistory, Movement, MovementKind, Part
from tallystick.credits.lots import Lot, LotId
from tallystick.credits.standing import Supply, standing
from tallystick.kernel import (
    EXACT,
    Currency,
    Done,
    Misuse,
    Outcome,
    Refused,
    plain,
    refuse,
)

_NOTHING = Decimal(0)
Choice = Callable[[Lot], bool]


@dataclass(frozen=True, slots=True, kw_only=True)
class Debit:
    """
    What is to be taken of an account's credit.

    Attributes:
        key: names it within the account; sent again, it is the same debit.
        at: when it counts.
        amount: above 0; of a currency with no more places than it has.
        use: what for; None: only grants that may be used for anything.
        kind: burned; or transferred to another account, whatever grants may be used for.
        source: what it was for, as the movement keeps it.
    """

    key: str
    at: datetime
    amount: Decimal
    of: Holding
    use: Use | None = None
    kind: MovementKind = MovementKind.BURNED
    source: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class GiveBack:
    """
    What is to be brought back of what a movement took.

    Attributes:
        key: names it within the account; sent again, it is the same one.
        of: the movement that took it.
        at: when it counts; what comes back to a lot behind its end lapses at once.
        amount: above 0, in what the movement took.
    """

    key: str
    of: str
    at: datetime
    amount: Decimal
    source: str = ""


def supplies_at(
    history: CreditHistory, at: datetime, choose: Choice = lambda _lot: True
) -> tuple[Supply, ...]:
    """
    Return the chosen lots of which something may be taken at an instant, in burn order.

    Of a currency they hold whole minor units; what is less than one is left where it is.
    """
    found: list[Supply] = []
    for one in standing(history, at):
        free = whole_part(one.free_at(at), one.lot.grant.of)
        if free > 0 and choose(one.lot):
            found.append(Supply(lot=one.lot, free=free))
    return tuple(found)


def burn(
    history: CreditHistory, debit: Debit, choose: Choice = lambda _lot: True
) -> Outcome[Movement]:
    """
    Return the movement that takes credit, all of it or nothing.

    Only lots that ``choose`` takes, and whose scope covers the use, are asked.

    Problems:
        insufficient_credit: less than that may be used; says how much.
        key_conflict: another movement has this name.

    Example:
        >>> from tallystick.kernel import currency, instant
        >>> debit = Debit(key="d1", at=instant("2026-01-01T00:00:00Z"), amount=Decimal(50),
        ...               of=currency("EUR"))
        >>> burn(CreditHistory(), debit).problems[0].message
        'only 0 EUR of 50 EUR may be used'
    """
    if debit.amount <= 0 or whole_part(debit.amount, debit.of) != debit.amount:
        raise Misuse(f"{debit.amount} cannot be taken of {debit.of}")
    known = history.movement(debit.key)
    if known is not None:
        return _same(known, debit)
    parts: list[Part] = []
    left = debit.amount
    for one in supplies_at(history, debit.at, lambda lot: _serves(lot, debit) and choose(lot)):
        taken = min(left, one.free)
        if taken > 0:
            parts.append(Part(lot=one.lot.id, amount=taken))
            left = EXACT.subtract(left, taken)
    if left > 0:
        name = debit.of.code if isinstance(debit.of, Currency) else debit.of.name
        had = plain(EXACT.subtract(debit.amount, left))
        message = f"only {had} {name} of {plain(debit.amount)} {name} may be used"
        return refuse("insufficient_credit", message, "amount")
    return Done(
        Movement(
            key=debit.key,
            kind=debit.kind,
            at=debit.at,
            parts=tuple(parts),
            source=debit.source,
        )
    )


def give_back(history: CreditHistory, back: GiveBack) -> Outcome[Movement]:
    """
    Return the movement that brings back what another one took, in the reverse order.

    Problems:
        unknown_movement: none of that name used anything.
        more_than_taken: less than that is still out; says how much.
        before_taken: it is to count before what it brings back.
        key_conflict: another movement has this name.
    """
    taken = history.movement(back.of)
    if taken is None or taken.kind is not MovementKind.BURNED:
        return refuse("unknown_movement", f'no movement "{back.of}" used credit', "of")
    known = history.movement(back.key)
    if known is not None:
        is_same = known.of == back.of and taken_by(known) == back.amount and known.at == back.at
        return Done(known) if is_same else _conflict(back.key)
    if back.at < taken.at:
        return refuse("before_taken", f'"{back.of}" took it only at {taken.at}', "at")
    out = _still_out(history, taken)
    parts: list[Part] = []
    left = back.amount
    for part in reversed(taken.parts):
        returned = min(left, out[part.lot])
        if returned > 0:
            parts.append(Part(lot=part.lot, amount=returned))
            left = EXACT.subtract(left, returned)
    if left > 0:
        most = plain(EXACT.subtract(back.amount, left))
        return refuse("more_than_taken", f'only {most} of "{back.of}" is still out', "amount")
    return Done(
        Movement(
            key=back.key,
            kind=MovementKind.GIVEN_BACK,
            at=back.at,
            parts=tuple(parts),
            of=back.of,
            source=back.source,
        )
    )


def taken_by(movement: Movement) -> Decimal:
    """Return how much a movement takes or brings back in all."""
    total = _NOTHING
    for part in movement.parts:
        total = EXACT.add(total, part.amount)
    return total


def whole_part(amount: Decimal, of: Holding) -> Decimal:
    """
    Return as much of an amount as can be booked: cut to the places of a currency, never more.

    Example:
        >>> from tallystick.kernel import currency
        >>> whole_part(Decimal("0.019"), currency("EUR"))
        Decimal('0.01')
    """
    if not isinstance(of, Currency):
        return amount
    return amount.quantize(Decimal(1).scaleb(-of.exponent), rounding=ROUND_DOWN, context=EXACT)


def _still_out(history: CreditHistory, taken: Movement) -> dict[LotId, Decimal]:
    out = {part.lot: part.amount for part in taken.parts}
    for one in history.movements:
        if one.of == taken.key:
            for part in one.parts:
                out[part.lot] = EXACT.subtract(out[part.lot], part.amount)
    return out


def _serves(lot: Lot, debit: Debit) -> bool:
    scope = lot.grant.scope
    if debit.kind is MovementKind.TRANSFERRED:
        return lot.grant.of == debit.of
    reaches = scope == Scope() if debit.use is None else scope.covers(debit.use)
    return lot.grant.of == debit.of and reaches


def _same(known: Movement, debit: Debit) -> Outcome[Movement]:
    same = (known.kind, known.at, taken_by(known)) == (debit.kind, debit.at, debit.amount)
    return Done(known) if same else _conflict(debit.key)


def _conflict(key: str) -> Refused:
    return refuse("key_conflict", f'another movement is named "{key}"', "key")

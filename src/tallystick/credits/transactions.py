"""
The credit of an account as a list of transactions: what came, went and lapsed, as of an instant.

    asked on day 7:   funded +10.00, consumed -4.00
    asked on day 10:  funded +10.00, consumed -4.00, expired -6.00

What will expire is not in the list before it has. The running total of a list is the balance.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from enum import StrEnum

from tallystick.credits.grant import GrantKey, Holding
from tallystick.credits.history import CreditHistory, MovementKind
from tallystick.credits.standing import standing
from tallystick.kernel import EXACT


class TransactionKind(StrEnum):
    """What happened to credit."""

    EXPIRED = "expired"
    VOIDED = "voided"
    FUNDED = "funded"
    CONSUMED = "consumed"
    TRANSFERRED = "transferred"
    GIVEN_BACK = "given_back"
    TAKEN_BACK = "taken_back"


_OF_MOVEMENT = {
    MovementKind.BURNED: TransactionKind.CONSUMED,
    MovementKind.GIVEN_BACK: TransactionKind.GIVEN_BACK,
    MovementKind.TRANSFERRED: TransactionKind.TRANSFERRED,
    MovementKind.TAKEN_BACK: TransactionKind.TAKEN_BACK,
}
# As `standing` goes through one instant: ends, starts, movements. What lapses of a movement at
# once comes behind it.
_RANKS = {TransactionKind.EXPIRED: 0, TransactionKind.VOIDED: 0, TransactionKind.FUNDED: 1}
_MOVEMENT_RANK = 2


@dataclass(frozen=True, slots=True, kw_only=True)
class Transaction:
    """
    A change of one lot.

    Attributes:
        amount: what came, negative what went.
        number: which lot of the grant, the first is 0.
        key: the movement; empty for what none caused.
        source: what the movement was for.
    """

    at: datetime
    kind: TransactionKind
    amount: Decimal
    of: Holding
    grant: GrantKey
    number: int
    key: str = ""
    source: str = ""


def transactions(history: CreditHistory, at: datetime) -> tuple[Transaction, ...]:
    """Return what happened up to an instant, itself included, in order; zeros are left out."""
    found = [*_funded_and_lapsed(history, at), *_moved(history, at)]
    return tuple(sorted(found, key=lambda one: (one.at, _RANKS.get(one.kind, _MOVEMENT_RANK))))


def _funded_and_lapsed(history: CreditHistory, at: datetime) -> Iterator[Transaction]:
    for one in sorted(standing(history, at), key=lambda one: (one.lot.place, one.lot.id.number)):
        lot, grant = one.lot, one.lot.grant
        found = [(lot.starts_at, TransactionKind.FUNDED, lot.amount)]
        found += [
            (lapse.at, TransactionKind(lapse.kind.value), EXACT.minus(lapse.amount))
            for lapse in one.lapses
        ]
        for when, kind, amount in found:
            yield Transaction(
                at=when,
                kind=kind,
                amount=amount,
                of=grant.of,
                grant=grant.key,
                number=lot.id.number,
            )


def _moved(history: CreditHistory, at: datetime) -> Iterator[Transaction]:
    held = {grant.key: grant.of for grant in history.grants}
    for movement in history.movements:
        if movement.at > at:
            continue
        for part in movement.parts:
            yield Transaction(
                at=movement.at,
                kind=_OF_MOVEMENT[movement.kind],
                amount=EXACT.multiply(Decimal(movement.sign), part.amount),
                of=held[part.lot.grant],
                grant=part.lot.grant,
                number=part.lot.number,
                key=movement.key,
                source=movement.source,
            )

"""
What happened to the credit of one account: grants, voids, and movements, as facts in order.

A **movement** takes parts of lots (`burned`, `transferred`, `taken_back`) or brings them back
(`given_back`). Its parts are kept with it: what was once taken of a lot stays taken of it, whatever
is granted later. What expires is no fact: it is what a lot still holds at its end (`standing`).

Facts are added and never changed; the same facts give the same balances on any machine.
"""

from collections.abc import Iterator
from dataclasses import dataclass, field, replace
from datetime import datetime
from decimal import Decimal
from enum import StrEnum

from tallystick.credits.grant import Grant, GrantKey
from tallystick.credits.lots import LotId


class MovementKind(StrEnum):
    """What a movement does."""

    BURNED = "burned"
    GIVEN_BACK = "given_back"
    TRANSFERRED = "transferred"
    TAKEN_BACK = "taken_back"


@dataclass(frozen=True, slots=True, kw_only=True)
class Part:
    """So much of a lot, above 0, in what its grant holds."""

    lot: LotId
    amount: Decimal


@dataclass(frozen=True, slots=True, kw_only=True)
class Movement:
    """
    Credit that was used, or brought back.

    Attributes:
        key: names it within the account; a second one of this name is the same one or refused.
        at: when it counts; may lie before movements that were recorded earlier.
        parts: of which lots, in burn order; of a giving back in the reverse.
        of: the movement that is given back; empty otherwise.
        source: what it was for: a document, or what the caller says.
    """

    key: str
    kind: MovementKind
    at: datetime
    parts: tuple[Part, ...]
    of: str = ""
    source: str = ""

    @property
    def sign(self) -> int:
        """Return 1 for what comes back to lots, -1 for what goes."""
        return 1 if self.kind is MovementKind.GIVEN_BACK else -1


@dataclass(frozen=True, slots=True, kw_only=True)
class Void:
    """That a grant holds nothing from an instant on."""

    grant: GrantKey
    at: datetime
    reason: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class CreditHistory:
    """
    The facts about the credit of one account.

    Attributes:
        grants: in the order in which they were given.
        voids: at most one for each grant.
        movements: in the order in which they were recorded, which need not be that of ``at``.
    """

    grants: tuple[Grant, ...] = ()
    voids: tuple[Void, ...] = ()
    movements: tuple[Movement, ...] = field(default=())

    def moved(self, movement: Movement) -> "CreditHistory":
        """Return the history with one movement more."""
        return replace(self, movements=(*self.movements, movement))

    def granted(self, grant: Grant) -> "CreditHistory":
        """Return the history with one grant more."""
        return replace(self, grants=(*self.grants, grant))

    def voided(self, void: Void) -> "CreditHistory":
        """Return the history with one void more."""
        return replace(self, voids=(*self.voids, void))

    def movement(self, key: str) -> Movement | None:
        """Return the movement of a name, if there is one."""
        return next((one for one in self.movements if one.key == key), None)

    def void_of(self, grant: GrantKey) -> Void | None:
        """Return when a grant was voided, if it was."""
        return next((one for one in self.voids if one.grant == grant), None)

    def changes(self) -> Iterator[tuple[LotId, datetime, Decimal]]:
        """Yield what each movement does to each lot: what comes is positive, what goes negative."""
        for movement in self.movements:
            for part in movement.parts:
                yield part.lot, movement.at, movement.sign * part.amount

"""
Taking sold credit back: what nobody used of it goes, as money for it is given back.

    500.00 EUR sold, 120.00 used        380.00 may be taken back, all at once or in parts
    10,000 request sold for 80.00 EUR, 4,000 used        48.00 EUR, at once
"""

from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal

from tallystick.credits.burning import whole_part
from tallystick.credits.grant import Grant, GrantKey
from tallystick.credits.history import CreditHistory, Movement, MovementKind, Part
from tallystick.credits.standing import LotStanding, standing
from tallystick.credits.worth import worth
from tallystick.kernel import Done, Money, Outcome, refuse


@dataclass(frozen=True, slots=True, kw_only=True)
class TakeBack:
    """
    Money for sold credit that is given back.

    Attributes:
        key: names the movement within the account; sent again, it is the same one.
        grant: that was sold.
        money: above nothing, without tax, in the currency of what was received.
        at: when it counts.
        source: the note.
    """

    key: str
    grant: GrantKey
    money: Money
    at: datetime
    source: str


def take_back(history: CreditHistory, order: TakeBack) -> Outcome[Movement]:
    """
    Return the movement that takes what the money was paid for.

    Of money that was sold for what it is, any part that nobody used may go; of anything else, as
    units, all that is left together.

    Problems:
        unknown_grant: the account was not sold such a grant.
        credit_used: more than was paid for what is left; says how much that is.
    """
    grant = next((one for one in history.grants if one.key == order.grant), None)
    if grant is None or grant.price_paid is None:
        return refuse("unknown_grant", f"no grant {order.grant} was sold", "grant")
    known = history.movement(order.key)
    if known is not None:
        return Done(known)
    lots = (one for one in standing(history, order.at) if one.lot.grant.key == grant.key)
    lot = next(lots, None)
    free = Decimal(0) if lot is None else whole_part(lot.free_at(order.at), grant.of)
    left = worth(grant, free)
    amount = _amount(grant, order.money, free)
    if lot is None or amount is None or left is None or not 0 < amount <= free:
        how = "" if _is_itself(grant) else ", and goes at once or not at all"
        message = f"what is unused of {grant.key} was sold for {left}{how}; not {order.money}"
        return refuse("credit_used", message, "amount")
    return Done(_movement(order, lot, amount))


def _movement(order: TakeBack, lot: LotStanding, amount: Decimal) -> Movement:
    return Movement(
        key=order.key,
        kind=MovementKind.TAKEN_BACK,
        at=order.at,
        parts=(Part(lot=lot.lot.id, amount=amount),),
        source=order.source,
    )


def _amount(grant: Grant, money: Money, free: Decimal) -> Decimal | None:
    """Return how much goes for money; None: it was not sold by the part."""
    if money == worth(grant, free):
        return free
    return money.decimal if _is_itself(grant) and money.minor > 0 else None


def _is_itself(grant: Grant) -> bool:
    """Tell whether money was sold for as much as it is."""
    paid = grant.price_paid
    return paid is not None and (paid.currency, paid.decimal) == (grant.of, grant.amount)

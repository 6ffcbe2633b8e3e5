"""
Tiers that accounts fill together: all that they used is rated once, and each bears its share.

    up to 100 at 0.10, above at 0.05

    alpha 90, beta 60    together 150: 100 x 0.10 + 50 x 0.05 = 12.50
                         alpha 90/150 = 7.50, beta 60/150 = 5.00

The charge of all is settled once, and this money is divided by quantity, by largest remainder, ties
to the earlier account: so what all of them bear adds up to it, to the cent.  What an account bears
is divided over the parts of its own time in the same way; where its price changes in between, each
part bears its share by its own price.  Source: the project's semantics, "Money and rounding".
"""

from collections.abc import Sequence
from decimal import Decimal

from tallystick.kernel import EXACT, Amount, Currency, Money, plain, settle, split
from tallystick.pricing.charge import Step
from tallystick.pricing.detail import Together

_NOTHING = Decimal(0)


def used_together(quantity: Decimal, together: Together) -> Decimal:
    """Return what all used, in the price's unit; who returned more than it used counts as 0."""
    total = _of_account(quantity, together)
    for other in _used((*together.before, *together.after)):
        total = EXACT.add(total, other)
    return total


def share_of_all(
    total: Decimal, quantity: Decimal, together: Together, currency: Currency
) -> tuple[Step, ...]:
    """
    Return the step that leaves of the charge of all what a part of one account bears.

    Args:
        total: the exact charge of all, in major units.
        quantity: of the part, 0 or more, in the price's unit.
        together: what the others used.
        currency: to whose minor unit the charge of all is settled.

    Example:
        >>> from tallystick.kernel import currency
        >>> others = Together(before=(Decimal(90),))
        >>> share_of_all(Decimal("12.5"), Decimal(60), others, currency("EUR"))[0].amount
        Decimal('-7.50')
    """
    whole = used_together(quantity, together)
    if whole == quantity:
        return ()
    before, after = _used(together.before), _used(together.after)
    settled = settle(Amount(value=total, currency=currency))
    own = _part(settled, before, _of_account(quantity, together), after)
    borne = _part(own, _used(together.earlier), quantity, _used(together.later))
    left = EXACT.subtract(borne.decimal, total)
    label = f"bears {plain(quantity)} of {plain(whole)} used together, of {settled}"
    return (Step(label=label, quantity=None, unit_price=None, flat=left, amount=left),)


def _part(money: Money, before: Sequence[Decimal], own: Decimal, after: Sequence[Decimal]) -> Money:
    if not own:
        return Money(minor=0, currency=money.currency)
    return split(money, [*before, own, *after])[len(before)]


def _of_account(quantity: Decimal, together: Together) -> Decimal:
    for other in _used((*together.earlier, *together.later)):
        quantity = EXACT.add(quantity, other)
    return quantity


def _used(quantities: Sequence[Decimal]) -> list[Decimal]:
    return [max(quantity, _NOTHING) for quantity in quantities]

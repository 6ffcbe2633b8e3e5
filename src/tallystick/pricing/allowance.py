"""
Allowance: a quantity per period that is included before the model prices the rest.

    allowance 100:  quantity 80 -> 80 included, 0 priced;  quantity 130 -> 100 included, 30 priced

The first unit priced is unit one of tier one: an allowance shifts the tiers up.

Not here: rollover, and the share of an allowance in a changed period (subscriptions).
"""

from decimal import Decimal

from tallystick.kernel import EXACT
from tallystick.pricing.charge import Step

_NOTHING = Decimal(0)


def take_allowance(allowance: Decimal, quantity: Decimal) -> tuple[Decimal, Step]:
    """
    Return what is left to be priced, and the step that says how much was included.

    Args:
        allowance: included quantity, 0 or more, in the price's unit.
        quantity: 0 or more, in the same unit.

    Example:
        >>> left, step = take_allowance(Decimal(100), Decimal(130))
        >>> left, step.quantity, step.amount
        (Decimal('30'), Decimal('100'), Decimal('0'))
    """
    if quantity <= allowance:
        included, left = quantity, _NOTHING
    else:
        included, left = allowance, EXACT.subtract(quantity, allowance)
    step = Step(
        label="allowance", quantity=included, unit_price=None, flat=_NOTHING, amount=_NOTHING
    )
    return left, step

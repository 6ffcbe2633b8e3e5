"""
Allowance: a quantity per period that is included before the model prices the rest.

    allowance 100:  quantity 80 -> 80 included, 0 priced;  quantity 130 -> 100 included, 30 priced

The first unit priced is unit one of tier one: an allowance shifts the tiers up. A discount of units
is taken in the same way, after it.

What is left over of an allowance may roll over into the next period, up to a cap.

    allowance 1,000, 600 used -> 400 roll over;  the next period includes 1,400, and takes the 400
    that are older first

Not here: the share of an allowance in a changed period (``share.py``).
"""

from decimal import Decimal

from tallystick.kernel import EXACT
from tallystick.pricing.charge import Step

_NOTHING = Decimal(0)


def take_allowance(
    allowance: Decimal, quantity: Decimal, *, label: str = "allowance"
) -> tuple[Decimal, Step]:
    """
    Return what is left to be priced, and the step that says how much was included.

    Args:
        allowance: included quantity, 0 or more, in the price's unit.
        quantity: 0 or more, in the same unit.
        label: of the step.

    Example:
        >>> left, step = take_allowance(Decimal(100), Decimal(130))
        >>> left, step.quantity, step.amount
        (Decimal('30'), Decimal('100'), Decimal('0'))
    """
    if quantity <= allowance:
        included, left = quantity, _NOTHING
    else:
        included, left = allowance, EXACT.subtract(quantity, allowance)
    step = Step(label=label, quantity=included, unit_price=None, flat=_NOTHING, amount=_NOTHING)
    return left, step


def roll_over(
    allowance: Decimal, *, carried: Decimal, used: Decimal, cap: Decimal | None = None
) -> Decimal:
    """
    Return what of an allowance rolls over into the next period.

    Args:
        allowance: of the period that ends, 0 or more.
        carried: what had rolled over into it, 0 or more; it was used first.
        used: quantity of the period.
        cap: the most that may roll over; None for no cap. What is above it is lost, the oldest
            first.

    Example:
        >>> roll_over(Decimal(1000), carried=Decimal(400), used=Decimal(600))
        Decimal('800')
        >>> roll_over(Decimal(1500), carried=Decimal(1500), used=Decimal(0), cap=Decimal(2000))
        Decimal('2000')
    """
    included = EXACT.add(allowance, carried)
    left = max(EXACT.subtract(included, max(used, _NOTHING)), _NOTHING)
    return left if cap is None else min(left, cap)

"""
Rating: from a quantity to an exact charge, through a pipeline of small steps.

    quantity -> allowance -> model -> charge

Each stage leaves its step in the charge, so that an invoice line can explain itself. Nothing is
rounded here. The caller has converted the quantity into the price's unit.

A negative quantity (a meter that takes negative values, more returned than used) is priced as 0,
and says so in a step: a price never pays out by itself.
"""

from decimal import Decimal

from tallystick.kernel import EXACT, Amount, Misuse
from tallystick.pricing.allowance import take_allowance
from tallystick.pricing.charge import Charge, Step
from tallystick.pricing.models import KIND_BY_TYPE
from tallystick.pricing.price import Price

_NOTHING = Decimal(0)


def rate(price: Price, quantity: Decimal) -> Charge:
    """
    Return the exact charge for a quantity, with its steps.

    Args:
        price: what to apply.
        quantity: in the price's unit, for one period and one group.

    Raises:
        Misuse: the quantity is not finite.

    Example:
        >>> from tallystick.kernel import PriceKey
        >>> from tallystick.pricing.per_unit import UnitPrice
        >>> model = UnitPrice(unit_price=Decimal("0.09"))
        >>> price = Price(key=PriceKey("egress"), model=model, unit="GB", currency="USD")
        >>> rate(price, Decimal("2.74728274")).amount.value
        Decimal('0.2472554466')
    """
    if not quantity.is_finite():
        raise Misuse(f"a quantity must be finite, not {quantity}")
    before, billable = _reduce(price, quantity)
    steps = before + KIND_BY_TYPE[type(price.model)].rate(price.model, billable)
    total = steps[0].amount if len(steps) == 1 else _sum(steps)
    return Charge(
        price=price.key,
        quantity=quantity,
        unit=price.unit or "",
        amount=Amount(value=total, currency=price.money),
        steps=steps,
    )


def _reduce(price: Price, quantity: Decimal) -> tuple[tuple[Step, ...], Decimal]:
    """Return the steps that come before the model, and the quantity left for it."""
    if quantity < 0:
        below = Step(
            label="below zero, priced as 0",
            quantity=quantity,
            unit_price=None,
            flat=_NOTHING,
            amount=_NOTHING,
        )
        return (below,), _NOTHING
    if price.allowance:
        left, included = take_allowance(price.allowance, quantity)
        return (included,), left
    return (), quantity


def _sum(steps: tuple[Step, ...]) -> Decimal:
    total = _NOTHING
    for step in steps:
        total = EXACT.add(total, step.amount)
    return total

"""
Unit price: every unit costs the same, fractions included.

    unit_price 5.12345:  quantity 10 -> 51.2345,  0.5 -> 2.561725,  0 -> 0
"""

from dataclasses import dataclass
from decimal import Decimal

from tallystick.kernel import EXACT
from tallystick.pricing.charge import Step
from tallystick.pricing.detail import NO_DETAIL, Detail
from tallystick.pricing.validity import negative_problems, require

_NOTHING = Decimal(0)


@dataclass(frozen=True, slots=True, kw_only=True)
class UnitPrice:
    """
    One price for each unit.

    Attributes:
        unit_price: price of one unit in major units, 0 or more; may be far below a minor unit.
    """

    unit_price: Decimal

    def __post_init__(self) -> None:
        """Refuse a negative price."""
        require(negative_problems("unit_price", self.unit_price))


def rate_unit(model: UnitPrice, quantity: Decimal, _detail: Detail = NO_DETAIL) -> tuple[Step, ...]:
    """
    Return the one step of a unit price: quantity times price, exact.

    Example:
        >>> rate_unit(UnitPrice(unit_price=Decimal("5.12345")), Decimal(10))[0].amount
        Decimal('51.23450')
    """
    price = model.unit_price
    amount = EXACT.multiply(quantity, price)
    return (Step(label="units", quantity=quantity, unit_price=price, flat=_NOTHING, amount=amount),)

"""
Flat price: a fee per period, whatever was used.

    amount 100:  quantity 0 -> 100,  quantity 5 -> 100

Not here: when it falls due (``cadence.py``) and its share of a shortened period (subscriptions).
"""

from dataclasses import dataclass
from decimal import Decimal

from tallystick.pricing.charge import Step
from tallystick.pricing.detail import NO_DETAIL, Detail
from tallystick.pricing.validity import negative_problems, require


@dataclass(frozen=True, slots=True, kw_only=True)
class FlatPrice:
    """
    A fee per period.

    Attributes:
        amount: the fee in major units, 0 or more.
    """

    amount: Decimal

    def __post_init__(self) -> None:
        """Refuse a negative fee."""
        require(negative_problems("amount", self.amount))


def rate_flat(
    model: FlatPrice, _quantity: Decimal, _detail: Detail = NO_DETAIL
) -> tuple[Step, ...]:
    """
    Return the one step of a flat price; the quantity does not matter.

    Example:
        >>> rate_flat(FlatPrice(amount=Decimal(100)), Decimal(7))[0].amount
        Decimal('100')
    """
    fee = model.amount
    return (Step(label="flat fee", quantity=None, unit_price=None, flat=fee, amount=fee),)

"""
Cost-plus price: what it cost the operator, and a markup on it.

    markup 15 %:  cost 200.00 -> 200.00 + 30.00 = 230.00

The quantity is the cost in the price's currency, as a meter adds it up from events that carry it.
"""

from dataclasses import dataclass, field
from decimal import Decimal

from tallystick.kernel import EXACT, plain
from tallystick.pricing.charge import Step
from tallystick.pricing.detail import NO_DETAIL, Detail
from tallystick.pricing.validity import negative_problems, require

_NOTHING = Decimal(0)
_ONE = Decimal(1)
_HUNDREDTH = Decimal("0.01")


@dataclass(frozen=True, slots=True, kw_only=True)
class CostPlusPrice:
    """
    A markup on a cost.

    Attributes:
        markup_percent: of the cost, 0 or more: 15 for 15 %.
    """

    markup_percent: Decimal
    rate: Decimal = field(init=False, repr=False, compare=False)
    label: str = field(init=False, repr=False, compare=False)

    def __post_init__(self) -> None:
        """Refuse a negative markup."""
        require(negative_problems("markup_percent", self.markup_percent))
        object.__setattr__(self, "rate", EXACT.multiply(self.markup_percent, _HUNDREDTH))
        object.__setattr__(self, "label", f"markup of {plain(self.markup_percent)} %")


def rate_cost_plus(
    model: CostPlusPrice, quantity: Decimal, _detail: Detail = NO_DETAIL
) -> tuple[Step, ...]:
    """
    Return two steps: the cost, and the markup on it.

    Example:
        >>> [step.amount for step in rate_cost_plus(CostPlusPrice(markup_percent=Decimal(15)),
        ...                                         Decimal(200))]
        [Decimal('200'), Decimal('30.00')]
    """
    cost = Step(label="cost", quantity=quantity, unit_price=_ONE, flat=_NOTHING, amount=quantity)
    markup = Step(
        label=model.label,
        quantity=quantity,
        unit_price=model.rate,
        flat=_NOTHING,
        amount=EXACT.multiply(quantity, model.rate),
    )
    return cost, markup

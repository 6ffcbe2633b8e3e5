"""
Committed price: a quantity that is paid whether it is used or not, and another price above it.

    100 committed at 0.05, above at 0.08:  quantity 0 -> 5,  60 -> 5,  100 -> 5,  130 -> 5 + 2.40

The commitment belongs to each period and to each group of the price; a part of a period commits to
its share. A commitment in money is that amount by the unit price: 10.00 at 2.00 a unit are 5 units.
"""

from dataclasses import dataclass
from decimal import Decimal

from tallystick.kernel import EXACT, plain
from tallystick.pricing.charge import Step
from tallystick.pricing.detail import NO_DETAIL, Detail
from tallystick.pricing.validity import negative_problems, require

_NOTHING = Decimal(0)


@dataclass(frozen=True, slots=True, kw_only=True)
class CommittedPrice:
    """
    What is paid in any case, and what more costs.

    Attributes:
        commitment: quantity paid in any case, in the price's unit, 0 or more.
        unit_price: price of one unit of it, in major units, 0 or more.
        overage_price: price of one unit above it, in major units, 0 or more.
    """

    commitment: Decimal
    unit_price: Decimal
    overage_price: Decimal

    def __post_init__(self) -> None:
        """Refuse negative numbers."""
        require(
            (
                *negative_problems("commitment", self.commitment),
                *negative_problems("unit_price", self.unit_price),
                *negative_problems("overage_price", self.overage_price),
            )
        )


def rate_committed(
    model: CommittedPrice, quantity: Decimal, _detail: Detail = NO_DETAIL
) -> tuple[Step, ...]:
    """
    Return what was used of the commitment, what was not, and what lies above it.

    Example:
        >>> model = CommittedPrice(
        ...     commitment=Decimal(100), unit_price=Decimal("0.05"), overage_price=Decimal("0.08")
        ... )
        >>> [(step.label, step.amount) for step in rate_committed(model, Decimal(60))]
        [('committed and used', Decimal('3.00')), ('committed, not used', Decimal('2.00'))]
    """
    used = min(quantity, model.commitment)
    steps = [_step("committed and used", used, model.unit_price)]
    if used < model.commitment:
        unused = EXACT.subtract(model.commitment, used)
        steps.append(_step("committed, not used", unused, model.unit_price))
    if quantity > model.commitment:
        above = EXACT.subtract(quantity, model.commitment)
        label = f"above the commitment of {plain(model.commitment)}"
        steps.append(_step(label, above, model.overage_price))
    return tuple(steps)


def _step(label: str, quantity: Decimal, price: Decimal) -> Step:
    amount = EXACT.multiply(quantity, price)
    return Step(label=label, quantity=quantity, unit_price=price, flat=_NOTHING, amount=amount)

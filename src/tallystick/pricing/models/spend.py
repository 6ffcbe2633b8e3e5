"""
Spend price: a minimum and a maximum for what several prices come to together.

    of calls and storage, minimum 1,000, maximum 5,000

    they come to 700     1,000: 300 is missing, and is charged at the period's end
    they come to 6,000   5,000: 1,000 is taken off their lines

The bounds are the price's own ``minimum`` and ``maximum``, of which a part of a period bears its
share. Here is only what the prices come to; who bills takes off what their lines charge already
(`invoicing.whole`).
"""

from dataclasses import dataclass
from decimal import Decimal

from tallystick.pricing.charge import Step
from tallystick.pricing.detail import NO_DETAIL, Detail

_NOTHING = Decimal(0)


@dataclass(frozen=True, slots=True, kw_only=True)
class SpendPrice:
    """
    What other prices of the plan come to.

    Attributes:
        of: keys of the prices that count; empty: all others of the plan.
        periods: how many billing periods the bounds are for, counted from the beginning of the
            contract; the last one of them settles the minimum.
    """

    of: tuple[str, ...] = ()
    periods: int = 1

    def covers(self, key: str) -> bool:
        """Tell whether a price counts by its key."""
        return not self.of or key in self.of


def rate_spend(
    _model: SpendPrice, quantity: Decimal, _detail: Detail = NO_DETAIL
) -> tuple[Step, ...]:
    """
    Return what the other prices come to, in major units, as the one step.

    Example:
        >>> rate_spend(SpendPrice(), Decimal(700))[0].amount
        Decimal('700')
    """
    return (
        Step(label="other prices", quantity=None, unit_price=None, flat=quantity, amount=quantity),
    )

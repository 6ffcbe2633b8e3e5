"""
Minimum and maximum of a charge: the last of its stages, on what discounts left.

    minimum 100:  60.00 -> 100.00, with a step of 40.00;  130.00 stays
    maximum 100:  130.00 -> 100.00, with a step of -30.00

Their scope is one period and one group of the price. A minimum falls due at the end of its period:
what is billed before that bears none (`cadence.price_within`).
"""

from decimal import Decimal

from tallystick.kernel import EXACT, plain
from tallystick.pricing.charge import Step


def bound_amount(
    total: Decimal, *, minimum: Decimal | None, maximum: Decimal | None
) -> tuple[Step, ...]:
    """
    Return the step that lifts an amount to its minimum or lowers it to its maximum, if any.

    Example:
        >>> bound_amount(Decimal(60), minimum=Decimal(100), maximum=None)[0].amount
        Decimal('40')
    """
    if minimum is not None and total < minimum:
        return (_step(f"up to the minimum of {plain(minimum)}", EXACT.subtract(minimum, total)),)
    if maximum is not None and total > maximum:
        return (_step(f"down to the maximum of {plain(maximum)}", EXACT.subtract(maximum, total)),)
    return ()


def _step(label: str, amount: Decimal) -> Step:
    return Step(label=label, quantity=None, unit_price=None, flat=amount, amount=amount)

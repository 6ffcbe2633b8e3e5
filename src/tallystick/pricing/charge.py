"""
What rating gives: a charge and the steps that led to it.

A charge explains itself: its amount is the exact sum of its steps, and a step says what was
multiplied by what. Nothing in it is rounded; ``kernel.settle`` does that once, when the charge
becomes a line.

Both are Structs because one charge with four steps is made per line and run.
"""

from decimal import Decimal

import msgspec

from tallystick.currency import DatedRate
from tallystick.kernel import Amount, PriceKey


class Step(msgspec.Struct, frozen=True, kw_only=True, gc=False):
    """
    One step of rating: ``amount`` is ``quantity`` times ``unit_price`` plus ``flat``, exactly.

    Attributes:
        label: what happened, for a person: ``tier 2: above 10, up to 20``.
        quantity: how much this step took, in the price's unit (or packages); None for a bare fee.
        unit_price: price of one, in major units; None where nothing is multiplied.
        flat: fee of this step, in major units.
        amount: what the step adds to the charge, exact, in major units.
        origin: where it comes from, if not from the price: ``coupon:`` and the grant of a coupon,
            ``bound:`` and the price that bounds several.
    """

    label: str
    quantity: Decimal | None
    unit_price: Decimal | None
    flat: Decimal
    amount: Decimal
    origin: str = ""


class ChargeConversion(msgspec.Struct, frozen=True, kw_only=True, gc=False):
    """
    How a charge came into another currency than that of its price.

    Attributes:
        before: what its own steps come to, exact, in the price's currency.
        dated: the rate to the charge's currency, and the day for which it was taken.
    """

    before: Amount
    dated: DatedRate


class Charge(msgspec.Struct, frozen=True, kw_only=True, gc=False):
    """
    The exact price of a quantity.

    Attributes:
        price: key of the price that was applied.
        quantity: what was rated, before any allowance, in ``unit``.
        unit: unit of the quantity; empty where the price has none.
        amount: exact sum of the steps, not settled; where ``conversion`` is set, the sum of its own
            steps converted, and those that have an ``origin``, which are in its currency.
        steps: in the order in which they were taken; never empty.
        conversion: None where the price is in the charge's currency.
    """

    price: PriceKey
    quantity: Decimal
    unit: str
    amount: Amount
    steps: tuple[Step, ...]
    conversion: ChargeConversion | None = None

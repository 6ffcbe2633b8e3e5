"""
From a measured quantity to an exact charge: convert the unit, scale by the share, rate.

A flat fee for a part of a period is the fee times the part's share; a metered price has its
allowance scaled by the share, and its quantity is whatever was used.

    fee 31.00 for a month, 22 of 31 days        31.00 x 22/31 = 22.00
    1,000 calls included, 22 of 31 days         1,000 x 22/31 = 709.677... included

Rounding: none but the last of 76 digits where a division does not end; money is settled later.
"""

from dataclasses import replace
from decimal import Decimal
from fractions import Fraction

import msgspec

from tallystick.kernel import EXACT, Quantity, convert, unit
from tallystick.metering import Meter
from tallystick.pricing import Charge, Price, Step, rate
from tallystick.subscriptions import prorate

WHOLE = Fraction(1)
_ZERO = Decimal(0)


def billed_quantity(
    quantity: Decimal, *, meter: Meter, price: Price, declared: frozenset[str] = frozenset()
) -> Decimal:
    """
    Return a quantity in the price's unit, given one in the meter's.

    Raises:
        UnitMismatch: the units measure different things.

    Example:
        >>> from tallystick.kernel import MeterKey, PriceKey
        >>> from tallystick.metering import Aggregation
        >>> from tallystick.pricing import UnitPrice
        >>> vm = Meter(key=MeterKey("vm"), event_type="vm", unit="vm", value=None,
        ...            aggregation=Aggregation.TIME_WEIGHTED)
        >>> price = Price(key=PriceKey("vm"), model=UnitPrice(unit_price=Decimal("0.05")),
        ...               meter=vm.key, unit="vm.hour", currency="EUR")
        >>> billed_quantity(Decimal(5400), meter=vm, price=price)
        Decimal('1.5')
    """
    measured = Quantity(value=quantity, unit=unit(meter.quantity_unit, declared))
    return convert(measured, unit(price.unit or meter.quantity_unit, declared)).value


def charge_of(price: Price, quantity: Decimal, *, share: Fraction = WHOLE) -> Charge:
    """
    Return the exact charge of a quantity over a service period that is ``share`` of a whole one.

    Args:
        price: what it costs in a whole period.
        quantity: in the price's unit; ignored without a meter, where it is 1.
        share: above 0; a little above 1 where a period bridges two zones.
    """
    if price.meter is None:
        return _share_of_charge(rate(price, Decimal(1)), share)
    return rate(_with_share_of_allowance(price, share), quantity)


def _share_of_charge(charge: Charge, share: Fraction) -> Charge:
    if share == WHOLE:
        return charge
    part = prorate(charge.amount, share)
    step = Step(
        label=f"{share} of the period",
        quantity=None,
        unit_price=None,
        flat=_ZERO,
        amount=(part - charge.amount).value,
    )
    return msgspec.structs.replace(charge, amount=part, steps=(*charge.steps, step))


def _with_share_of_allowance(price: Price, share: Fraction) -> Price:
    if share == WHOLE or not price.allowance:
        return price
    scaled = EXACT.multiply(price.allowance, Decimal(share.numerator))
    return replace(price, allowance=EXACT.divide(scaled, Decimal(share.denominator)))

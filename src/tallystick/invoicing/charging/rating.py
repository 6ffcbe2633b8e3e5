"""
From a measured quantity to an exact charge: convert the unit, scale by the share, rate.

A flat fee for a part of a period is the fee times the part's share; a metered price has its
allowance and its bounds scaled by the share, and its quantity is whatever was used.

    fee 31.00 for a month, 22 of 31 days        31.00 x 22/31 = 22.00
    1,000 calls included, 22 of 31 days         1,000 x 22/31 = 709.677... included

Rounding: none but the last of 76 digits where a division does not end; money is settled later.
"""

from dataclasses import dataclass
from decimal import Decimal
from fractions import Fraction

import msgspec

from tallystick.invoicing.basis import Basis
from tallystick.invoicing.charging.levels import runs_of
from tallystick.kernel import Quantity, convert, unit
from tallystick.metering import Meter, UsageRow
from tallystick.pricing import (
    NO_DETAIL,
    Charge,
    Detail,
    Need,
    Part,
    Price,
    Step,
    price_for_share,
    rate,
)
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


@dataclass(frozen=True, slots=True, kw_only=True)
class UsageOf:
    """
    What was used in a group.

    Attributes:
        group: values of the price's ``group_by``, in that order.
        row: the quantity; None where there was none.
        parts: the rows of its detail.
    """

    group: tuple[str, ...]
    row: UsageRow | None
    parts: tuple[UsageRow, ...] = ()


def detail_of(basis: Basis, price: Price, usage: UsageOf) -> Detail:
    """
    Return what a price's model may ask for beside the quantity, in the price's unit.

    Raises:
        UnitMismatch: the units measure different things.
    """
    pairs = tuple(zip(price.group_by, usage.group, strict=False))
    found = Detail(group=pairs, count=0 if usage.row is None else usage.row.fold.events)
    if not usage.parts:
        return found
    meter = basis.meter_of(price)
    quantities = [
        billed_quantity(part.fold.quantity, meter=meter, price=price, declared=basis.units)
        for part in usage.parts
    ]
    if price.need is Need.RUNS:
        return msgspec.structs.replace(found, runs=runs_of(basis, price, usage.parts))
    if price.need is Need.TRANSACTIONS:
        return msgspec.structs.replace(found, transactions=tuple(quantities))
    names = [part.group[-1] for part in usage.parts]
    parts = zip(names, quantities, strict=True)
    return msgspec.structs.replace(
        found, parts=tuple(Part(name=name, quantity=quantity) for name, quantity in parts)
    )


def charge_of(
    price: Price, quantity: Decimal, *, share: Fraction = WHOLE, detail: Detail = NO_DETAIL
) -> Charge:
    """
    Return the exact charge of a quantity over a service period that is ``share`` of a whole one.

    Args:
        price: what it costs in a whole period.
        quantity: in the price's unit; without a meter, how much the contract takes of it.
        share: above 0; a little above 1 where a period bridges two zones.
        detail: what the price's model asks for beside the quantity.

    Raises:
        Unrateable: the detail lacks what the model needs, or a formula has no value.
    """
    if price.meter is None:
        return _share_of_charge(rate(price, quantity), share)
    return rate(price_for_share(price, share), quantity, detail=detail)


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

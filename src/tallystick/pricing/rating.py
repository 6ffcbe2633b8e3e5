"""
Rating: from a quantity to an exact charge, through a pipeline of small steps.

    quantity -> runs of a level -> least quantity, rounding -> allowance -> discounts of units
             -> model
             -> discounts of amounts, of percentages -> minimum, maximum -> charge

Each stage leaves its step in the charge, so that an invoice line can explain itself. Nothing is
rounded here but a quantity whose price says so. The caller has converted the quantity into the
price's unit, and gives beside it what the model asks for (``detail.py``). What is included is taken
from the bands of a day in the order in which the price names them, and from other parts as they
stand, which is in order of time.

A negative quantity (a meter that takes negative values, more returned than used) is priced as 0,
and says so in a step: a price never pays out by itself. Nor does one whose parts come to less than
nothing, as where more was returned at the peak than was used at night.
"""

from dataclasses import replace
from decimal import Decimal

import msgspec

from tallystick.kernel import EXACT, Amount, Misuse
from tallystick.pricing.charge import Charge, Step
from tallystick.pricing.detail import NO_DETAIL, Detail, Part, Unrateable
from tallystick.pricing.models import KIND_BY_TYPE, TimeOfUsePrice
from tallystick.pricing.price import Price
from tallystick.pricing.stages import (
    bound_amount,
    discount_amount,
    lengthen_runs,
    roll_over,
    round_quantity,
    share_of_all,
    take_allowance,
    used_together,
)

_NOTHING = Decimal(0)


def rate(price: Price, quantity: Decimal, *, detail: Detail = NO_DETAIL) -> Charge:
    """
    Return the exact charge for a quantity, with its steps.

    Args:
        price: what to apply.
        quantity: in the price's unit, for one period and one group.
        detail: what the model asks for beside it.

    Raises:
        Misuse: the quantity is not finite.
        Unrateable: what the model needs is not there, or a formula has no value.

    Example:
        >>> from tallystick.kernel import PriceKey
        >>> from tallystick.pricing.models import UnitPrice
        >>> model = UnitPrice(unit_price=Decimal("0.09"))
        >>> price = Price(key=PriceKey("egress"), model=model, unit="GB", currency="USD")
        >>> rate(price, Decimal("2.74728274")).amount.value
        Decimal('0.2472554466')
    """
    if not quantity.is_finite():
        raise Misuse(f"a quantity must be finite, not {quantity}")
    before, billable, detail = _reduce(price, quantity, detail)
    steps = before + _model_steps(price, billable, detail)
    total = steps[0].amount if len(steps) == 1 else _sum(steps)
    if total < 0:
        steps, total = (*steps, _nothing_below(total)), _NOTHING
    if price.adjusts:
        off, total = discount_amount(price.money_discounts, total)
        bound = bound_amount(total, minimum=price.minimum, maximum=price.maximum)
        steps += off + bound
        total = EXACT.add(total, bound[0].amount) if bound else total
    return Charge(
        price=price.key,
        quantity=quantity,
        unit=price.unit or "",
        amount=Amount(value=total, currency=price.money),
        steps=steps,
    )


def _model_steps(price: Price, quantity: Decimal, detail: Detail) -> tuple[Step, ...]:
    """Return the steps of the model; of tiers that are shared, those of all and what is borne."""
    rated = KIND_BY_TYPE[type(price.model)].rate
    if not price.shares_tiers:
        return rated(price.model, quantity, detail)
    if detail.together is None:
        raise Unrateable("a price with tiers over a tree needs what the other accounts used")
    steps = rated(price.model, used_together(quantity, detail.together), detail)
    return steps + share_of_all(_sum(steps), quantity, detail.together, price.money)


def billable_quantity(price: Price, quantity: Decimal, *, detail: Detail = NO_DETAIL) -> Decimal:
    """
    Return what of a quantity the model prices: rounded, without what is included or discounted.

    Args:
        price: what to apply.
        quantity: in the price's unit, for one period and one group.
        detail: runs, where the price rounds each of them.

    Raises:
        Unrateable: the runs are not there.
    """
    return _reduce(price, quantity, detail)[1]


def left_over(price: Price, quantity: Decimal, *, detail: Detail = NO_DETAIL) -> Decimal:
    """
    Return what of an allowance, and of what was carried into its period, goes on into the next one.

    Args:
        price: of the period that ends, its allowance being that of the period.
        quantity: what was used in it, in the price's unit.
        detail: what was carried into it; runs, where the price rounds each of them.

    Raises:
        Unrateable: the runs are not there.
    """
    if price.rollover is None:
        return _NOTHING
    bare = replace(price, allowance=_NOTHING, rollover=None, discounts=())
    used = _reduce(bare, quantity, msgspec.structs.replace(detail, carried=_NOTHING))[1]
    return roll_over(price.allowance, carried=detail.carried, used=used, cap=price.rollover.cap)


def _reduce(
    price: Price, quantity: Decimal, detail: Detail
) -> tuple[tuple[Step, ...], Decimal, Detail]:
    """Return the steps that come before the model, and what is left for it."""
    if quantity < 0:
        below = Step(
            label="below zero, priced as 0",
            quantity=quantity,
            unit_price=None,
            flat=_NOTHING,
            amount=_NOTHING,
        )
        nothing = msgspec.structs.replace(detail, parts=(), transactions=(), changes=(), runs=())
        return (below,), _NOTHING, nothing
    if not price.reduces:
        return (), quantity, detail
    steps: tuple[Step, ...] = ()
    if price.each_run is not None:
        if quantity and not detail.runs:
            raise Unrateable("a price that rounds each run needs the runs")
        added, steps = lengthen_runs(price.each_run, detail.runs)
        quantity = EXACT.add(quantity, added)
    left, told = round_quantity(quantity, rounding=price.rounding, least=price.minimum_quantity)
    steps += told
    rounded = left
    if detail.carried:
        left, older = take_allowance(detail.carried, left, label="left over before")
        steps += (older,)
    if price.allowance:
        left, included = take_allowance(price.allowance, left)
        steps += (included,)
    for discount in price.unit_discounts:
        if discount.usage is not None:
            left, free = take_allowance(discount.usage, left, label=discount.label)
            steps += (free,)
    if detail.parts and left != rounded:
        taken = EXACT.subtract(rounded, left)
        detail = msgspec.structs.replace(detail, parts=_without(_ordered(price, detail), taken))
    return steps, left, detail


def _ordered(price: Price, detail: Detail) -> tuple[Part, ...]:
    """Return the parts in the order in which what is included is taken from them."""
    if not isinstance(price.model, TimeOfUsePrice):
        return detail.parts
    places = {band.name: place for place, band in enumerate(price.model.bands)}
    return tuple(sorted(detail.parts, key=lambda part: places.get(part.name, len(places))))


def _without(parts: tuple[Part, ...], taken: Decimal) -> tuple[Part, ...]:
    """Return the parts without what is included, taken from the first ones first."""
    left = []
    for part in parts:
        off = min(taken, max(part.quantity, _NOTHING))
        taken = EXACT.subtract(taken, off)
        left.append(Part(name=part.name, quantity=EXACT.subtract(part.quantity, off)))
    return tuple(left)


def _nothing_below(total: Decimal) -> Step:
    """Return the step that lifts an amount below zero to nothing."""
    lifted = EXACT.minus(total)
    label = "below zero, priced as 0"
    return Step(label=label, quantity=None, unit_price=None, flat=lifted, amount=lifted)


def _sum(steps: tuple[Step, ...]) -> Decimal:
    total = _NOTHING
    for step in steps:
        total = EXACT.add(total, step.amount)
    return total

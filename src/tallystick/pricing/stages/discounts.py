"""
Discounts of a price, in the order of the semantics: units, then amounts, then percentages.

    usage 10:                  the first 10 units after the allowance cost nothing
    amount 5:                  60.00 -> 55.00;  3.00 -> 0, never below
    percent 10:                55.00 -> 49.50
    percent by amount:         5 % of what lies above 1,000, 10 % above 5,000: 6,000 -> 5,700

Each percentage is taken of what the ones before it left. Percentages by amount are graduated: each
part of the amount has the percentage of its tier, so that more never costs less.
"""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from decimal import Decimal

from tallystick.kernel import EXACT, Problem, plain
from tallystick.pricing.charge import Step
from tallystick.pricing.validity import negative_problems, require

_NOTHING = Decimal(0)
_HUNDRED = Decimal(100)
_HUNDREDTH = Decimal("0.01")


@dataclass(frozen=True, slots=True, kw_only=True)
class DiscountTier:
    """A percentage for the part of an amount up to a bound, which belongs to it; None: open."""

    up_to: Decimal | None = None
    percent: Decimal


@dataclass(frozen=True, slots=True, kw_only=True)
class Discount:
    """
    One discount, of exactly one kind.

    Attributes:
        name: as it stands on the step, before the number; empty for none.
        usage: units that cost nothing, in the price's unit.
        amount: taken off per period, in major units.
        percent: taken off, 0 to 100.
        tiers: percentages by amount, ascending, the last one open.
    """

    name: str = ""
    usage: Decimal | None = None
    amount: Decimal | None = None
    percent: Decimal | None = None
    tiers: tuple[DiscountTier, ...] = ()
    label: str = field(init=False, repr=False, compare=False)
    rate: Decimal = field(init=False, repr=False, compare=False)

    def __post_init__(self) -> None:
        """Refuse a discount of no kind or of several, and numbers out of range."""
        require(_problems(self))
        object.__setattr__(self, "label", _label(self))
        percent = _NOTHING if self.percent is None else self.percent
        object.__setattr__(self, "rate", EXACT.multiply(percent, -_HUNDREDTH))


def discount_amount(
    discounts: Iterable[Discount], total: Decimal
) -> tuple[tuple[Step, ...], Decimal]:
    """
    Return the steps that take amounts and percentages off, and what is left.

    Args:
        discounts: amounts before percentages; those of units are passed over.
        total: what the steps before come to, 0 or more.

    Example:
        >>> off = (Discount(amount=Decimal(5)), Discount(percent=Decimal(10)))
        >>> steps, left = discount_amount(off, Decimal(60))
        >>> [(step.label, step.amount) for step in steps], left
        ([('discount', Decimal('-5')), ('discount of 10 %', Decimal('-5.50'))], Decimal('49.50'))
    """
    steps: list[Step] = []
    for discount in discounts:
        for step in _steps(discount, total):
            steps.append(step)
            total = EXACT.add(total, step.amount)
    return tuple(steps), total


def _steps(discount: Discount, total: Decimal) -> Iterator[Step]:
    if discount.amount is not None:
        off = EXACT.minus(min(discount.amount, total))
        yield Step(label=discount.label, quantity=None, unit_price=None, flat=off, amount=off)
    elif discount.percent is not None:
        off = EXACT.multiply(total, discount.rate)
        yield Step(
            label=discount.label,
            quantity=total,
            unit_price=discount.rate,
            flat=_NOTHING,
            amount=off,
        )
    elif discount.tiers:
        yield from _tier_steps(discount, total)


def _tier_steps(discount: Discount, total: Decimal) -> Iterator[Step]:
    above = _NOTHING
    for tier in discount.tiers:
        top = total if tier.up_to is None else min(total, tier.up_to)
        if top <= above:
            return
        part = EXACT.subtract(top, above)
        rate = EXACT.multiply(tier.percent, -_HUNDREDTH)
        if tier.percent:
            label = f"{discount.label} of {plain(tier.percent)} % above {plain(above)}"
            amount = EXACT.multiply(part, rate)
            yield Step(label=label, quantity=part, unit_price=rate, flat=_NOTHING, amount=amount)
        above = top


def _label(discount: Discount) -> str:
    name = discount.name or "discount"
    if discount.percent is not None:
        return f"{name} of {plain(discount.percent)} %"
    return f"{name}, units" if discount.usage is not None else name


def _problems(discount: Discount) -> Iterator[Problem]:
    kinds = (discount.usage, discount.amount, discount.percent, discount.tiers or None)
    if sum(kind is not None for kind in kinds) != 1:
        message = "give exactly one of usage, amount, percent and tiers"
        yield Problem(code="one_kind_of_discount", message=message, field="name")
    for name, value in (("usage", discount.usage), ("amount", discount.amount)):
        if value is not None:
            yield from negative_problems(name, value)
    if discount.percent is not None:
        yield from _percent_problems("percent", discount.percent)
    above = _NOTHING
    for index, tier in enumerate(discount.tiers):
        path, last = f"tiers[{index}]", index == len(discount.tiers) - 1
        yield from _percent_problems(f"{path}.percent", tier.percent)
        if (tier.up_to is None) is not last:
            message = "the last tier, and only it, is open"
            yield Problem(code="last_tier_bounded", message=message, field=f"{path}.up_to")
        elif tier.up_to is not None and not tier.up_to > above:
            message = f"must be above {plain(above)}, the bound before it"
            yield Problem(code="tiers_not_ascending", message=message, field=f"{path}.up_to")
        above = above if tier.up_to is None else tier.up_to


def _percent_problems(field_: str, percent: Decimal) -> Iterator[Problem]:
    if not percent.is_finite() or not _NOTHING <= percent <= _HUNDRED:
        message = f"must be 0 to 100, not {percent}"
        yield Problem(code="invalid_percent", message=message, field=field_)

"""
What coupons take off the lines of one document.

Coupons that name prices or meters come first, then those that name plans, then all others; of each
kind amounts before percentages, in the order in which they were given. Each is taken of what those
before it left, once for all its lines, and handed out over them.

    30.00 and 70.00, 10 %                           10.00: 3.00 and 7.00
    50.00 and 50.00, 50 % of the first, then 10.00  25.00, then 3.33 and 6.67
    10.00, an amount of 25.00 that is used up       10.00; 15.00 are kept for the next document

Rounding: a percentage settles once, half away from zero; it is handed out by largest remainder,
ties by position.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal

from tallystick.catalog import GivenCoupon
from tallystick.kernel import (
    EXACT,
    Amount,
    Currency,
    MeterKey,
    Money,
    PlanKey,
    PriceKey,
    settle,
    split,
)

_HUNDREDTH = Decimal("0.01")


@dataclass(frozen=True, slots=True, kw_only=True)
class Reducible:
    """
    A line of a document, before coupons.

    Attributes:
        plan: in force for it.
        meter: of its price; None: it has none.
        money: what it settles to; of nothing or less, nothing is taken.
    """

    price: PriceKey
    plan: PlanKey
    meter: MeterKey | None = None
    money: Money


@dataclass(frozen=True, slots=True, kw_only=True)
class Cut:
    """What one coupon takes off one line: the place of the line, and money above nothing."""

    line: int
    given: GivenCoupon
    money: Money


def take_off(
    lines: Sequence[Reducible],
    given: Sequence[GivenCoupon],
    *,
    kept: Mapping[str, Money],
) -> tuple[Cut, ...]:
    """
    Return what coupons take off the lines of a document, coupon by coupon, line by line.

    Args:
        lines: of one document, in their order, in one currency.
        given: the coupons that count on it, in the order in which they were given.
        kept: by grant, what the documents before left of an amount that is used up; of a grant that
            is not there, all of it.
    """
    left = [max(line.money.minor, 0) for line in lines]
    cuts: list[Cut] = []
    for one in sorted(given, key=_rank):
        places = [at for at, line in enumerate(lines) if left[at] and _counts(one, line)]
        if not places:
            continue
        base = Money(minor=sum(left[at] for at in places), currency=lines[0].money.currency)
        off = _off(one, base, kept.get(one.grant))
        for at, part in zip(places, split(off, [left[at] for at in places]), strict=True):
            if part.minor:
                left[at] -= part.minor
                cuts.append(Cut(line=at, given=one, money=part))
    return tuple(cuts)


def amount_of(given: GivenCoupon, unit: Currency) -> Money:
    """Return the amount that a coupon gives; nothing for one in percent or another currency."""
    coupon = given.coupon
    if coupon.amount is None or coupon.currency != unit.code:
        return Money(minor=0, currency=unit)
    return settle(Amount(value=coupon.amount, currency=unit))


def _rank(given: GivenCoupon) -> tuple[int, bool]:
    coupon = given.coupon
    narrow = 0 if coupon.prices or coupon.meters else 1 if coupon.plans else 2
    return (narrow, coupon.percent is not None)


def _counts(given: GivenCoupon, line: Reducible) -> bool:
    coupon = given.coupon
    return (
        (not coupon.prices or line.price in coupon.prices)
        and (not coupon.meters or line.meter in coupon.meters)
        and (not coupon.plans or line.plan in coupon.plans)
    )


def _off(given: GivenCoupon, base: Money, kept: Money | None) -> Money:
    percent = given.coupon.percent
    if percent is not None:
        rate = EXACT.multiply(percent, _HUNDREDTH)
        part = EXACT.multiply(base.decimal, rate)
        return settle(Amount(value=part, currency=base.currency))
    amount = amount_of(given, base.currency) if kept is None else kept
    return amount if amount.minor < base.minor else base

"""Coupons as tables write them, put through what bills them."""

import re
from collections.abc import Iterable, Sequence
from decimal import Decimal

from tallystick.catalog import Coupon, CouponDuration, GivenCoupon
from tallystick.invoicing.whole import Reducible, take_off
from tallystick.kernel import Amount, Money, PlanKey, PriceKey, currency, instant, settle

AT = instant("2026-01-01T00:00:00Z")
_DISCOUNT = re.compile(r"(?P<dollar>\$)?(?P<number>[0-9.]+)(?P<percent> %)?")


def coupon(
    number: str | Decimal,
    *,
    percent: bool = False,
    code: str = "USD",
    prices: Sequence[str] = (),
    plans: Sequence[str] = (),
) -> Coupon:
    """Return a coupon of a percentage or an amount."""
    value = Decimal(number)
    return Coupon(
        key="c",
        percent=value if percent else None,
        amount=None if percent else value,
        currency="" if percent else code,
        duration=CouponDuration.FOREVER,
        prices=tuple(map(PriceKey, prices)),
        plans=tuple(map(PlanKey, plans)),
    )


def written(text: str, prices: Sequence[str] = ()) -> Coupon:
    """Return the coupon that a table writes as ``10 %`` or ``$10``."""
    found = _DISCOUNT.search(text)
    assert found is not None, text
    return coupon(found["number"], percent=found["percent"] is not None, prices=prices)


def given(coupons: Iterable[Coupon]) -> list[GivenCoupon]:
    """Return coupons in the order in which they were given."""
    return [GivenCoupon(grant=f"g{at}", coupon=one, at=AT) for at, one in enumerate(coupons)]


def off(
    amounts: Sequence[Decimal], coupons: Iterable[Coupon], *, code: str = "USD"
) -> list[Decimal]:
    """Return what coupons take off lines ``line 1``, ``line 2`` and so on, of plan ``plan``."""
    unit = currency(code)
    lines = [
        Reducible(
            price=PriceKey(f"line-{at}"),
            plan=PlanKey("plan"),
            money=settle(Amount(value=amount, currency=unit)),
        )
        for at, amount in enumerate(amounts, start=1)
    ]
    taken = [Money(minor=0, currency=unit) for _ in lines]
    for cut in take_off(lines, given(coupons), kept={}):
        taken[cut.line] += cut.money
    return [one.decimal for one in taken]

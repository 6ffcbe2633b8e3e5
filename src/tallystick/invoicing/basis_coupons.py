"""Coupons in a basis, as they are kept: the document of the coupon, and how it was given."""

from collections.abc import Iterable
from typing import Any

import msgspec

from tallystick.catalog import GivenCoupon, coupon_document, coupon_from_document
from tallystick.kernel import AccountKey, Misuse, Refused, instant, instant_text


class GivenCouponDocument(
    msgspec.Struct, frozen=True, forbid_unknown_fields=True, omit_defaults=True
):
    """A coupon that was given."""

    grant: str
    coupon: dict[str, Any]
    at: str
    until: str | None = None
    payer: str | None = None


def wire_from_given(given: Iterable[GivenCoupon]) -> list[GivenCouponDocument]:
    """Return coupons as a basis keeps them."""
    return [
        GivenCouponDocument(
            grant=one.grant,
            coupon=coupon_document(one.coupon),
            at=instant_text(one.at),
            until=None if one.until is None else instant_text(one.until),
            payer=one.payer,
        )
        for one in given
    ]


def given_from_wire(wires: Iterable[GivenCouponDocument]) -> tuple[GivenCoupon, ...]:
    """
    Return the coupons of a basis.

    Raises:
        Misuse: one of them cannot be a coupon.
    """
    return tuple(_given(wire) for wire in wires)


def _given(wire: GivenCouponDocument) -> GivenCoupon:
    coupon = coupon_from_document(wire.coupon)
    if isinstance(coupon, Refused):
        raise Misuse(f"coupon of grant {wire.grant}: {coupon.problems[0].message}")
    return GivenCoupon(
        grant=wire.grant,
        coupon=coupon.value,
        at=instant(wire.at),
        until=None if wire.until is None else instant(wire.until),
        payer=None if wire.payer is None else AccountKey(wire.payer),
    )

"""Coupons: what is taken off whole documents, and to whom it was given."""

from tallystick.catalog.coupons.coupon import (
    Coupon,
    CouponDuration,
    CouponGrant,
    GivenCoupon,
    coupon_problems,
)
from tallystick.catalog.coupons.reading import coupon_from_document, read_coupon, read_grant
from tallystick.catalog.coupons.writing import coupon_document, grant_document

__all__ = [
    "Coupon",
    "CouponDuration",
    "CouponGrant",
    "GivenCoupon",
    "coupon_document",
    "coupon_from_document",
    "coupon_problems",
    "grant_document",
    "read_coupon",
    "read_grant",
]

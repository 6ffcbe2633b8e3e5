"""Writing coupons and grants of them as documents; what is empty is left out."""

from collections.abc import Mapping

from tallystick.catalog.coupons.coupon import Coupon, CouponGrant
from tallystick.kernel import instant_text, plain


def coupon_document(coupon: Coupon) -> dict[str, object]:
    """Write a coupon."""
    return _given(
        {
            "key": coupon.key,
            "name": coupon.name,
            "percent": None if coupon.percent is None else plain(coupon.percent),
            "amount": None if coupon.amount is None else plain(coupon.amount),
            "currency": coupon.currency,
            "duration": coupon.duration.value,
            "periods": coupon.periods or None,
            "plans": [*coupon.plans],
            "prices": [*coupon.prices],
            "meters": [*coupon.meters],
            "expires_at": None if coupon.expires_at is None else instant_text(coupon.expires_at),
        }
    )


def grant_document(grant: CouponGrant) -> dict[str, object]:
    """Write that a coupon was given."""
    return _given(
        {
            "key": grant.key,
            "coupon": grant.coupon,
            "subscription": grant.subscription,
            "account": grant.account,
            "at": instant_text(grant.at),
            "until": None if grant.until is None else instant_text(grant.until),
        }
    )


def _given(document: Mapping[str, object]) -> dict[str, object]:
    return {name: value for name, value in document.items() if value not in (None, "", [])}

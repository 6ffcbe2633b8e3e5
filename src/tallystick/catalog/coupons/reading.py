"""Reading coupons and grants of them from documents."""

from collections.abc import Collection, Mapping

from tallystick.catalog.coupons.coupon import (
    Coupon,
    CouponDuration,
    CouponGrant,
    coupon_problems,
)
from tallystick.catalog.fields import (
    CURRENCY,
    INSTANT,
    KEY,
    NUMBER,
    TEXT,
    WHOLE,
    Fields,
    choose,
    read_alone,
)
from tallystick.catalog.fields import suggestion as suggested
from tallystick.kernel import (
    AccountKey,
    MeterKey,
    Outcome,
    PlanKey,
    PriceKey,
    SubscriptionKey,
    is_key,
)


def read_coupon(fields: Fields) -> Coupon:
    """Read a coupon."""
    coupon = Coupon(
        key=fields.read("key", KEY),
        name=fields.read_or("name", TEXT, ""),
        percent=fields.read_or("percent", NUMBER, None),
        amount=fields.read_or("amount", NUMBER, None),
        currency=fields.read_or("currency", CURRENCY, ""),
        duration=CouponDuration(choose(fields, "duration", [*CouponDuration])),
        periods=fields.read_or("periods", WHOLE, 0),
        plans=tuple(map(PlanKey, _keys(fields, "plans"))),
        prices=tuple(map(PriceKey, _keys(fields, "prices"))),
        meters=tuple(map(MeterKey, _keys(fields, "meters"))),
        expires_at=fields.read_or("expires_at", INSTANT, None),
    )
    if fields.sound:
        for problem in coupon_problems(coupon):
            fields.note(problem.code, problem.message, problem.field)
    return coupon


def coupon_from_document(document: Mapping[str, object]) -> Outcome[Coupon]:
    """
    Read one coupon as `coupon_document` wrote it.

    Problems:
        unknown_field, missing_field, wrong_type, wrong_value.
    """
    return read_alone(document, read_coupon)


def read_grant(fields: Fields, coupons: Collection[str]) -> CouponGrant:
    """Read that a coupon was given; ``coupons`` are those that are known."""
    subscription = fields.read_or("subscription", KEY, None)
    account = fields.read_or("account", KEY, None)
    grant = CouponGrant(
        key=fields.read("key", KEY),
        coupon=fields.read("coupon", KEY),
        subscription=None if subscription is None else SubscriptionKey(subscription),
        account=None if account is None else AccountKey(account),
        at=fields.read("at", INSTANT),
        until=fields.read_or("until", INSTANT, None),
    )
    if grant.coupon and grant.coupon not in coupons:
        message = f'unknown coupon "{grant.coupon}"{suggested(grant.coupon, coupons)}'
        fields.note("unknown_reference", message, "coupon")
    if (subscription is None) is (account is None):
        message = '"subscription" or "account" says to whom it is given; write one of them'
        fields.note("wrong_value", message, "subscription")
    if grant.until is not None and grant.until <= grant.at:
        fields.note("wrong_value", '"until" must lie after "at"', "until")
    return grant


def _keys(fields: Fields, name: str) -> tuple[str, ...]:
    found = [str(each) for each in fields.items(name)]
    for index, key in enumerate(found):
        if not is_key(key):
            fields.note("wrong_type", f"must be {KEY.expected}", f"{name}[{index}]")
    return tuple(found)

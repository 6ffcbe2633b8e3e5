"""
A coupon: an amount or a percentage off whole documents, and the dated fact that it was given.

    spring   20 %       forever
    welcome  50.00 EUR  once: what an invoice leaves is kept for the next one
    partner  10.00 EUR  repeating, 3 periods: what an invoice leaves is lost

What it takes off which lines is found in `invoicing.whole`.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from enum import StrEnum

from tallystick.kernel import (
    EXACT,
    AccountKey,
    MeterKey,
    Misuse,
    PlanKey,
    PriceKey,
    Problem,
    SubscriptionKey,
    currency,
)

_PERCENT_MAX = Decimal(100)


class CouponDuration(StrEnum):
    """On how many documents a coupon counts."""

    ONCE = "once"
    REPEATING = "repeating"
    FOREVER = "forever"


@dataclass(frozen=True, slots=True, kw_only=True)
class Coupon:
    """
    What is taken off; it gives a percentage or an amount.

    Attributes:
        name: as documents call it; empty: its key.
        percent: of what it is limited to, above 0 and at most 100.
        amount: in major units of ``currency``, above 0.
        currency: ISO 4217; documents in others are left alone. Empty for a percentage.
        duration: ``once``: one document, or an amount until it is used up; ``repeating``: the
            first ``periods`` documents; ``forever``: each.
        periods: of ``repeating``; 0 otherwise.
        plans: only lines of these plans count; empty: of any.
        prices: only lines of these prices count; empty: of any.
        meters: only lines of prices of these meters count; empty: of any.
        expires_at: documents that fall due at or after this instant are left alone.
    """

    key: str
    name: str = ""
    percent: Decimal | None = None
    amount: Decimal | None = None
    currency: str = ""
    duration: CouponDuration
    periods: int = 0
    plans: tuple[PlanKey, ...] = ()
    prices: tuple[PriceKey, ...] = ()
    meters: tuple[MeterKey, ...] = ()
    expires_at: datetime | None = None

    @property
    def keeps_rest(self) -> bool:
        """Tell whether what one document does not use is kept for the next one."""
        return self.duration is CouponDuration.ONCE and self.amount is not None

    @property
    def documents(self) -> int | None:
        """Return on how many documents it counts at most; None: no such bound."""
        if self.duration is CouponDuration.FOREVER or self.keeps_rest:
            return None
        return self.periods or 1


@dataclass(frozen=True, slots=True, kw_only=True)
class CouponGrant:
    """
    That a coupon was given, to one contract or to one account.

    Attributes:
        subscription: the contract whose documents it is for; None: see ``account``.
        account: the coupon counts on the documents of each contract of this account, and of each
            that it pays for; None: see ``subscription``.
        at: it counts on documents that fall due at or after this instant.
        until: and before this one; None: as long as the coupon lasts.
    """

    key: str
    coupon: str
    subscription: SubscriptionKey | None = None
    account: AccountKey | None = None
    at: datetime
    until: datetime | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class GivenCoupon:
    """
    A coupon as it was given: ``grant`` is the key of the fact, by which its use is known.

    ``payer``: it lowers what this account pays alone, of a contract whose payer changes; None:
    whoever pays.
    """

    grant: str
    coupon: Coupon
    at: datetime
    until: datetime | None = None
    payer: AccountKey | None = None

    def counts_at(self, due: datetime) -> bool:
        """Tell whether it counts on a document that falls due at an instant, by its dates."""
        ends = [end for end in (self.until, self.coupon.expires_at) if end is not None]
        return self.at <= due and all(due < end for end in ends)


def coupon_problems(coupon: Coupon) -> Iterator[Problem]:
    """
    Yield what a coupon contradicts itself in.

    Problems:
        wrong_value: with the field concerned.

    Example:
        >>> odd = Coupon(key="x", amount=Decimal(5), duration=CouponDuration.ONCE)
        >>> [problem.field for problem in coupon_problems(odd)]
        ['currency']
    """
    found: list[tuple[str, str]] = []
    if (coupon.percent is None) is (coupon.amount is None):
        found.append(("percent", 'or "amount" is to be given, and not both'))
    if coupon.percent is not None and not 0 < coupon.percent <= _PERCENT_MAX:
        found.append(("percent", "must be above 0 and at most 100"))
    if coupon.amount is not None:
        found += _amount_faults(coupon)
    elif coupon.currency:
        found.append(("currency", "belongs to an amount; leave it out"))
    if (coupon.duration is CouponDuration.REPEATING) is (coupon.periods == 0):
        found.append(("periods", 'and the duration "repeating" belong together'))
    for field, message in found:
        yield Problem(code="wrong_value", message=f'"{field}" {message}', field=field)


def _amount_faults(coupon: Coupon) -> Iterator[tuple[str, str]]:
    if coupon.amount is not None and not coupon.amount > 0:
        yield "amount", "must be above 0"
    try:
        exponent = currency(coupon.currency).exponent
    except Misuse:
        yield "currency", "must be a currency of ISO 4217 such as EUR, for the amount"
        return
    places = Decimal(0) if coupon.amount is None else coupon.amount.scaleb(exponent, context=EXACT)
    if places != places.to_integral_value():
        yield "amount", f"has more places than {coupon.currency}"

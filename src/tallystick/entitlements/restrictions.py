"""
Restrictions: what holds an account to less than it is granted, for a time.

    past due since March 5   dunning      everything off, from March 5 until it is lifted
    budget of the month      budget       calls: 1,000 at most, to April 1
    not as it was            protection   calls: slowed to 60 each minute, for an hour

They come after every layer, and the strictest holds.  Dunning, budgets and protection against abuse
return them as values; a person may declare one too.  A lower limit blocks: what a plan says of use
beyond its own limit does not hold beyond a restriction.  What is slowed is slowed from the first
use on, and never passes the limit that is granted unless use beyond it passes anyway.

Source: the project's semantics, "Quotas".
"""

from collections.abc import Iterable
from dataclasses import dataclass, replace
from datetime import datetime
from decimal import Decimal
from enum import StrEnum

from tallystick.catalog import FeatureKind, Overage, OverageAction, RateUnit, Throttle
from tallystick.entitlements.resolve import Entitled, Granted
from tallystick.kernel import EXACT, AccountKey, plain


class RestrictionSource(StrEnum):
    """Who restricts."""

    DUNNING = "dunning"
    BUDGET = "budget"
    PROTECTION = "protection"
    MANUAL = "manual"


@dataclass(frozen=True, slots=True, kw_only=True)
class Restriction:
    """
    That an account, and those below it that it pays for, may use less.

    Attributes:
        id: names it.
        account: whom it restricts.
        feature: key of what is restricted; empty: all that the account is granted.
        limit: the most that may be used, 0 or more; None: the feature is off, or slowed.
        throttle: the rate to which use of a metered feature is slowed; None: it is not.
        reason: for people.
        source: who restricts.
        start: the instant from which it holds.
        end: the instant from which it does not; None: until it is lifted.
    """

    id: str
    account: AccountKey
    feature: str = ""
    limit: Decimal | None = None
    throttle: Throttle | None = None
    reason: str
    source: RestrictionSource
    start: datetime
    end: datetime | None = None

    def holds(self, at: datetime) -> bool:
        """Tell whether it restricts at an instant."""
        return self.start <= at and (self.end is None or at < self.end)


def restricted(
    entitled: Entitled, restrictions: Iterable[Restriction]
) -> tuple[Entitled, Restriction | None]:
    """
    Return what is left of what is granted, and the restriction that holds it down, if one does.

    Of several that switch off, the one of the smallest id is told; of several limits the lowest.

    Args:
        entitled: what all layers grant.
        restrictions: those that hold then, of any feature.
    """
    holding = [
        one
        for one in sorted(restrictions, key=lambda each: each.id)
        if one.feature in {"", entitled.feature.key}
    ]
    off = [one for one in holding if one.limit is None and one.throttle is None]
    if off and entitled.enabled:
        return _held(replace(entitled, enabled=False), off[0], "off"), off[0]
    if not entitled.enabled:
        return entitled, None
    lowered = _lowered(entitled, holding)
    return _slowed(lowered[0], holding) or lowered


def _lowered(
    entitled: Entitled, holding: Iterable[Restriction]
) -> tuple[Entitled, Restriction | None]:
    """Return what the lowest of the limits leaves."""
    limits = [(one.limit, one) for one in holding if one.limit is not None]
    if not limits or not entitled.feature.kind.is_limited:
        return entitled, None
    limit, one = min(limits, key=lambda each: each[0])
    if entitled.limit is not None and entitled.limit <= limit:
        return entitled, None
    lower = replace(entitled, limit=limit, overage=None)
    return _held(lower, one, f"at most {plain(limit)}"), one


def _slowed(
    entitled: Entitled, holding: Iterable[Restriction]
) -> tuple[Entitled, Restriction] | None:
    """Return what the slowest of the rates leaves; None where nothing slows."""
    slowing = [(one.throttle, one) for one in holding if one.throttle is not None]
    if not slowing or entitled.feature.kind is not FeatureKind.METERED:
        return None
    throttle, one = min(slowing, key=lambda each: _each_minute(each[0]))
    slow = Overage(
        action=OverageAction.THROTTLE, throttle=throttle, hard_limit=_never_passed(entitled)
    )
    text = f"slowed to {plain(throttle.limit)} each {throttle.per.value}"
    return _held(replace(entitled, limit=Decimal(0), overage=slow), one, text), one


def _each_minute(throttle: Throttle) -> Decimal:
    seconds = Decimal(60) if throttle.per is RateUnit.SECOND else Decimal(1)
    return EXACT.multiply(throttle.limit, seconds)


def _never_passed(entitled: Entitled) -> Decimal | None:
    """Return the total that use may not pass, whatever rate it is slowed to."""
    policy = entitled.overage
    if policy is None or policy.action is OverageAction.BLOCK:
        return entitled.limit
    return policy.hard_limit


def _held(entitled: Entitled, restriction: Restriction, text: str) -> Entitled:
    told = Granted(layer=f"restriction {restriction.source.value}: {restriction.reason}", text=text)
    return replace(entitled, sources=(*entitled.sources, told))

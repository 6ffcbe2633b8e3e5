"""
Restrictions: what holds an account to less than it is granted, for a time.

    past due since March 5   dunning      everything off, from March 5 until it is lifted
    budget of the month      budget       calls: 1,000 at most, to April 1

They come after every layer, and the strictest holds.  Dunning, budgets and protection against abuse
return them as values; a person may declare one too.  A lower limit blocks: what a plan says of use
beyond its own limit does not hold beyond a restriction.

Source: the project's semantics, "Quotas".
"""

from collections.abc import Iterable
from dataclasses import dataclass, replace
from datetime import datetime
from decimal import Decimal
from enum import StrEnum

from tallystick.entitlements.resolve import Entitled, Granted
from tallystick.kernel import AccountKey, plain


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
        limit: the most that may be used, 0 or more; None: the feature is off.
        reason: for people.
        source: who restricts.
        start: the instant from which it holds.
        end: the instant from which it does not; None: until it is lifted.
    """

    id: str
    account: AccountKey
    feature: str = ""
    limit: Decimal | None = None
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
    limits = []
    for one in sorted(restrictions, key=lambda each: each.id):
        if one.feature in {"", entitled.feature.key} and entitled.enabled:
            if one.limit is None:
                return _held(replace(entitled, enabled=False), one, "off"), one
            limits.append((one.limit, one))
    if not limits or not entitled.feature.kind.is_limited:
        return entitled, None
    limit, one = min(limits, key=lambda each: each[0])
    if entitled.limit is not None and entitled.limit <= limit:
        return entitled, None
    lower = replace(entitled, limit=limit, overage=None)
    return _held(lower, one, f"at most {plain(limit)}"), one


def _held(entitled: Entitled, restriction: Restriction, text: str) -> Entitled:
    told = Granted(layer=f"restriction {restriction.source.value}: {restriction.reason}", text=text)
    return replace(entitled, sources=(*entitled.sources, told))

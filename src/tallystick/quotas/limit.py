"""
A limit as it is enforced for one account: what is granted, in which window, and what lies beyond.

Made of what `entitlements` resolve; nothing here asks a plan.
"""

from dataclasses import dataclass
from datetime import datetime, timedelta
from decimal import Decimal
from enum import StrEnum

from tallystick.catalog import FeatureKind, Overage, RateUnit, Unreachable
from tallystick.kernel import EXACT, AccountKey
from tallystick.thresholds import Rule

_PERCENT = Decimal(100)
RATE_TIME = {RateUnit.SECOND: timedelta(seconds=1), RateUnit.MINUTE: timedelta(minutes=1)}
ALWAYS = datetime.fromisoformat("1970-01-01T00:00:00+00:00")


class Denied(StrEnum):
    """Why nothing of a feature may be used, whatever was used of it."""

    NOT_ENTITLED = "not_entitled"
    RESTRICTED = "restricted"


@dataclass(frozen=True, slots=True, kw_only=True)
class Limit:
    """
    What an account may use of a feature now.

    Attributes:
        holder: the account whose counter counts; it is at or above the one that asks.
        denied: why nothing may be used; None: something may.
        value: of a feature of kind ``value``.
        most: the limit, exact; None: none, or a kind without one.
        start, end: the window, half-open; ``ALWAYS`` and None where nothing ends it.
        rolling: the length of a rolling window, or the time of a rate without burst.
        per: of a rate.
        burst: of a rate; None: at most the limit in any stretch of its time.
        overage: what happens beyond; None: it is refused.
        sources: where it comes from, for people, the lowest layer first.
        rules: who is told at which use of it; none: whoever declares none is told.
        if_unreachable: what a client does that cannot ask.
    """

    holder: AccountKey
    feature: str
    kind: FeatureKind
    denied: Denied | None = None
    value: str = ""
    most: Decimal | None = None
    start: datetime = ALWAYS
    end: datetime | None = None
    rolling: timedelta | None = None
    per: RateUnit | None = None
    burst: Decimal | None = None
    overage: Overage | None = None
    sources: tuple[str, ...] = ()
    rules: tuple[Rule, ...] = ()
    if_unreachable: Unreachable = Unreachable.FAIL_CLOSED

    @property
    def ceiling(self) -> Decimal | None:
        """Return how far grace lets use go by percent or units; None: it is not so bounded."""
        grace = None if self.overage is None else self.overage.grace
        if grace is None or self.most is None:
            return None
        more = []
        if grace.percent is not None:
            more.append(EXACT.divide(EXACT.multiply(self.most, grace.percent), _PERCENT))
        if grace.units is not None:
            more.append(grace.units)
        return EXACT.add(self.most, min(more)) if more else None

"""
How much of a limit a process may take along, to decide by itself.

    limit 1,000, used 700, held 200:   a lease of 500 gets 100
    beyond the limit, where overage is charged or only told:   500, up to a hard limit

Whatever a policy lets through slowly (a throttle, grace) is decided one by one and never leased, so
that used + reserved + unspent leases stay at or below the limit.
"""

from decimal import Decimal

from tallystick.catalog import FeatureKind, OverageAction
from tallystick.kernel import EXACT
from tallystick.quotas.limit import Limit
from tallystick.quotas.tally import Tally

_PASSING = frozenset({OverageAction.CHARGE, OverageAction.NOTIFY, OverageAction.AUTO_UPGRADE})


def grantable(limit: Limit, tally: Tally, *, wanted: Decimal) -> Decimal:
    """
    Return how much of what is wanted may be held now, 0 or more.

    Example:
        >>> calls = Limit(holder="acme", feature="calls", kind=FeatureKind.METERED,
        ...               most=Decimal(1000))
        >>> grantable(calls, Tally(used=Decimal(700), held=Decimal(200)), wanted=Decimal(500))
        Decimal('100')
    """
    if limit.denied is not None or limit.kind is FeatureKind.RATE or not limit.kind.is_limited:
        return Decimal(0)
    most = limit.most
    if limit.overage is not None and limit.overage.action in _PASSING:
        most = limit.overage.hard_limit
    if most is None:
        return wanted
    return max(Decimal(0), min(wanted, EXACT.subtract(most, tally.taken)))

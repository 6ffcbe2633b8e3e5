"""What may still be used of a limit now."""

from datetime import datetime
from decimal import Decimal

from tallystick.catalog import FeatureKind
from tallystick.kernel import EXACT
from tallystick.quotas.bucket import Bucket
from tallystick.quotas.limit import RATE_TIME, Limit
from tallystick.quotas.tally import Tally

_NOTHING = Decimal(0)


def remaining(limit: Limit, tally: Tally, at: datetime) -> Decimal | None:
    """
    Return how much of a limit is left at an instant, 0 or more; None: no number limits.

    Of a rate with a burst it is what the bucket holds.  What a policy lets pass beyond is not in
    it; where nothing may be used, as under a restriction, nothing is left.

    Example:
        >>> from tallystick.kernel import instant
        >>> users = Limit(holder="acme", feature="users", kind=FeatureKind.LEVEL, most=Decimal(50))
        >>> at = instant("2026-01-01T12:00:00Z")
        >>> remaining(users, Tally(used=Decimal(40), held=Decimal(3)), at)
        Decimal('7')
    """
    if not limit.kind.is_limited:
        return None
    if limit.denied is not None:
        return _NOTHING
    if limit.most is None:
        return None
    per = limit.per
    if limit.kind is FeatureKind.RATE and limit.burst and limit.most and per is not None:
        bucket = Bucket(limit=limit.most, per=RATE_TIME[per], burst=limit.burst)
        return bucket.left(tally.full_at, at)
    return max(_NOTHING, EXACT.subtract(limit.most, tally.taken))

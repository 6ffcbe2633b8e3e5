"""
May so much more be used?  The rule, as a function of the limit, what stands against it, and time.

    limit 500, used 498, held 1:   1 is within the limit; 2 are not
    beyond it, with the policy:
      block            refused
      block_uploads    refused where the operation is ``uploads``, or where none is named
      throttle         let through at the throttle's rate, refused above it
      charge, notify, auto_upgrade
                       let through, as overage
      grace            let through while it lasts: up to a percentage or some units beyond the
                       limit, or for days since the limit was passed, or both
      hard_limit       refused beyond it, whatever else is agreed

Source: the project's semantics, "Quotas".
"""

from dataclasses import replace
from datetime import datetime, timedelta
from decimal import Decimal

from tallystick.catalog import FeatureKind, Overage, OverageAction, Throttle
from tallystick.kernel import EXACT, check
from tallystick.quotas.bucket import NEVER, Bucket
from tallystick.quotas.decision import Reason, Verdict
from tallystick.quotas.limit import RATE_TIME, Denied, Limit
from tallystick.quotas.tally import Tally

_REFUSED = {
    Denied.NOT_ENTITLED: Verdict(reason=Reason.NOT_ENTITLED),
    Denied.RESTRICTED: Verdict(reason=Reason.RESTRICTED),
}
_PASSING = frozenset({OverageAction.CHARGE, OverageAction.NOTIFY, OverageAction.AUTO_UPGRADE})


def decide(
    limit: Limit, tally: Tally, *, quantity: Decimal, at: datetime, operation: str = ""
) -> Verdict:
    """
    Return whether a quantity, 0 or more, may be used on top of what stands.

    Example:
        >>> users = Limit(holder="acme", feature="users", kind=FeatureKind.LEVEL, most=Decimal(50))
        >>> full = Tally(used=Decimal(49), held=Decimal(1))
        >>> from tallystick.kernel import instant
        >>> noon = instant("2026-01-01T12:00:00Z")
        >>> decide(users, full, quantity=Decimal(1), at=noon).reason.value
        'limit_reached'
    """
    check(quantity >= 0, "what is asked for is 0 or more")
    plain = _without_a_limit(limit)
    if plain is not None or limit.most is None:
        return plain or Verdict(reason=Reason.UNLIMITED)
    if limit.kind is FeatureKind.RATE:
        return _decide_rate(limit, tally, quantity, at)
    over = EXACT.subtract(EXACT.add(tally.taken, quantity), limit.most)
    if over <= 0:
        return Verdict(reason=Reason.WITHIN_LIMIT)
    if not quantity:
        return Verdict(reason=Reason.LIMIT_REACHED, retry_at=_room_at(limit, tally, quantity, at))
    beyond = _beyond(limit, tally, quantity=quantity, at=at, operation=operation)
    return replace(beyond, overage=min(over, quantity))


def _without_a_limit(limit: Limit) -> Verdict | None:
    """Return what is decided where no number limits; None where one does."""
    if limit.denied is not None:
        return _REFUSED[limit.denied]
    return None if limit.kind.is_limited else Verdict(reason=Reason.SWITCHED_ON)


def use(limit: Limit, tally: Tally, verdict: Verdict, *, quantity: Decimal, at: datetime) -> Tally:
    """
    Return the tally after a quantity that the verdict allows was used.

    Raises:
        InvariantBroken: it was refused.
    """
    check(verdict.allowed, "what was refused is not used")
    if limit.kind is FeatureKind.RATE:
        return _rate_used(limit, tally, quantity, at)
    after = replace(tally, used=EXACT.add(tally.used, quantity))
    if limit.rolling is not None:
        after = replace(after, recent=tally.recent.add(at, limit.rolling, quantity))
    if verdict.reason is Reason.THROTTLE:
        after = _passed(limit, after, verdict.overage, at)
    return settled(limit, after, at)


def settled(limit: Limit, tally: Tally, at: datetime) -> Tally:
    """Return the tally with the instant since when it is over its limit, if it is."""
    is_over = limit.most is not None and tally.taken > limit.most
    if is_over:
        return replace(tally, over_since=tally.over_since or at)
    return tally if tally.over_since is None else replace(tally, over_since=None)


def _beyond(
    limit: Limit, tally: Tally, *, quantity: Decimal, at: datetime, operation: str
) -> Verdict:
    """Return what is decided of a quantity that passes the limit."""
    policy = limit.overage or Overage(action=OverageAction.BLOCK)
    total = EXACT.add(tally.taken, quantity)
    wait = _room_at(limit, tally, quantity, at)
    if policy.hard_limit is not None and total > policy.hard_limit:
        return Verdict(reason=Reason.HARD_LIMIT, retry_at=wait)
    if policy.action in _PASSING:
        return Verdict(reason=Reason.OVERAGE)
    if policy.operation and operation and operation != policy.operation:
        return Verdict(reason=Reason.OVERAGE)
    if _in_grace(limit, policy, total, tally.over_since or at, at):
        return Verdict(reason=Reason.GRACE)
    if policy.throttle is not None and limit.most is not None:
        passing = min(quantity, EXACT.subtract(total, limit.most))
        return _decide_throttle(policy.throttle, tally, passing, at)
    return Verdict(reason=Reason.LIMIT_REACHED, retry_at=wait)


def _in_grace(limit: Limit, policy: Overage, total: Decimal, since: datetime, at: datetime) -> bool:
    days, ceiling = policy.grace.days, limit.ceiling
    if days is None and ceiling is None:
        return False
    in_time = days is None or at < since + timedelta(days=days)
    return in_time and (ceiling is None or total <= ceiling)


def _decide_throttle(throttle: Throttle, tally: Tally, quantity: Decimal, at: datetime) -> Verdict:
    length = RATE_TIME[throttle.per]
    if throttle.burst is not None:
        bucket = Bucket(limit=throttle.limit, per=length, burst=throttle.burst)
        again = bucket.take(tally.passed_full_at, quantity, at)[1]
    else:
        most = EXACT.subtract(throttle.limit, quantity)
        again = tally.passed.room_at(at, length, most=most)
        again = None if again == at else again or NEVER
    if again is None:
        return Verdict(reason=Reason.THROTTLE)
    return Verdict(reason=Reason.RATE_EXCEEDED, retry_at=_known(again))


def _passed(limit: Limit, tally: Tally, quantity: Decimal, at: datetime) -> Tally:
    throttle = None if limit.overage is None else limit.overage.throttle
    check(throttle is not None, "what a throttle let through has one")
    if throttle is None:
        return tally
    length = RATE_TIME[throttle.per]
    if throttle.burst is None:
        return replace(tally, passed=tally.passed.add(at, length, quantity))
    bucket = Bucket(limit=throttle.limit, per=length, burst=throttle.burst)
    return replace(tally, passed_full_at=bucket.take(tally.passed_full_at, quantity, at)[0])


def _decide_rate(limit: Limit, tally: Tally, quantity: Decimal, at: datetime) -> Verdict:
    length, most = _rate(limit)
    if not most:
        return Verdict(reason=Reason.RATE_EXCEEDED)
    if limit.burst is not None:
        bucket = Bucket(limit=most, per=length, burst=limit.burst)
        again = bucket.take(tally.full_at, quantity, at)[1]
    else:
        again = tally.recent.room_at(at, length, most=EXACT.subtract(most, quantity))
        if again == at:
            return Verdict(reason=Reason.WITHIN_LIMIT)
        again = again or NEVER
    if again is None:
        return Verdict(reason=Reason.WITHIN_LIMIT)
    return Verdict(reason=Reason.RATE_EXCEEDED, retry_at=_known(again))


def _rate_used(limit: Limit, tally: Tally, quantity: Decimal, at: datetime) -> Tally:
    if limit.most is None:
        return tally
    length, most = _rate(limit)
    if limit.burst is not None:
        bucket = Bucket(limit=most, per=length, burst=limit.burst)
        return replace(tally, full_at=bucket.take(tally.full_at, quantity, at)[0])
    recent = tally.recent.add(at, length, quantity)
    return replace(tally, recent=recent, used=recent.used(at, length))


def _rate(limit: Limit) -> tuple[timedelta, Decimal]:
    check(limit.per is not None and limit.most is not None, "a rate says how much in which time")
    return (
        timedelta(0) if limit.per is None else RATE_TIME[limit.per],
        Decimal(0) if limit.most is None else limit.most,
    )


def _room_at(limit: Limit, tally: Tally, quantity: Decimal, at: datetime) -> datetime | None:
    """Return when a quantity would find room, if nothing else is used; None: no time known."""
    if limit.rolling is not None and limit.most is not None:
        most = EXACT.subtract(EXACT.subtract(limit.most, tally.held), quantity)
        return tally.recent.room_at(at, limit.rolling, most=most)
    if limit.most is not None and quantity > limit.most:
        return None
    return limit.end


def _known(at: datetime) -> datetime | None:
    return None if at == NEVER else at

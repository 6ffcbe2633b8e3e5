"""Delivers what is due in the outbox, at least once."""

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from datetime import timedelta

from tallystick.app.clock import Clock
from tallystick.app.outbox.ports import GIVEN_UP, Claim, Delivery, Message
from tallystick.app.outbox.retry import RetryPolicy, next_attempt_at
from tallystick.app.unit_of_work import RunnerUnitOfWork
from tallystick.kernel import Refused


@dataclass(frozen=True, slots=True, kw_only=True)
class DeliveryReport:
    """What one round came to; ``lost`` claims had run out and belong to another deliverer."""

    delivered: int = 0
    postponed: int = 0
    parked: int = 0
    lost: int = 0

    @property
    def claimed(self) -> int:
        """How many messages were taken up."""
        return self.delivered + self.postponed + self.parked + self.lost


def deliver_due(
    units: Callable[[], RunnerUnitOfWork],
    delivery: Delivery,
    *,
    clock: Clock,
    policy: RetryPolicy | None = None,
) -> DeliveryReport:
    """
    Claim a batch of due messages, deliver each, and note what came of it; no claim: nothing is due.

    No transaction is open while a message is on its way. If this process dies in between, the lease
    runs out and the message is delivered again: receivers tell repeats by the message's id.
    """
    policy = policy or RetryPolicy()
    with units() as unit:
        now = clock.now()
        lease_ends_at = now + timedelta(seconds=policy.lease_seconds)
        claims = unit.claims.claim(now=now, lease_ends_at=lease_ends_at, limit=policy.batch)
        unit.commit()
    return deliver_claims(claims, units, delivery, clock=clock, policy=policy)


def deliver_claims(
    claims: Iterable[Claim],
    units: Callable[[], RunnerUnitOfWork],
    delivery: Delivery,
    *,
    clock: Clock,
    policy: RetryPolicy,
) -> DeliveryReport:
    """Deliver claimed messages one after the other, and note what came of each."""
    ends = [_deliver(claim, units, delivery, clock=clock, policy=policy) for claim in claims]
    return DeliveryReport(**{end: ends.count(end) for end in sorted(set(ends))})


def _deliver(
    claim: Claim,
    units: Callable[[], RunnerUnitOfWork],
    delivery: Delivery,
    *,
    clock: Clock,
    policy: RetryPolicy,
) -> str:
    """Deliver one message and return what came of it, as a field of the report."""
    overdrawn = claim.attempt > policy.attempts_max  # deliverers died over it: do not try again
    reason, is_final = "its deliverer died too often", True
    if not overdrawn:
        reason, is_final = _failure(claim.message, delivery)
    now = clock.now()
    again_at = None if is_final else next_attempt_at(policy, attempt=claim.attempt, now=now)
    with units() as unit:
        if not reason:
            end, held = "delivered", unit.claims.delivered(claim, at=now)
        elif again_at is None:
            end, held = "parked", unit.claims.parked(claim, at=now, reason=reason)
        else:
            end, held = "postponed", unit.claims.postponed(claim, until=again_at, reason=reason)
        unit.commit()
    return end if held else "lost"


def _failure(message: Message, delivery: Delivery) -> tuple[str, bool]:
    """Return why a message was not delivered, empty if it was, and whether that is final."""
    try:
        outcome = delivery.deliver(message)
    except Exception as error:  # noqa: BLE001 (foreign code: whatever it raises is a failed attempt)
        return f"{type(error).__name__}: {error}", False
    if isinstance(outcome, Refused):
        reason = "; ".join(problem.message for problem in outcome.problems)
        return reason, any(problem.code == GIVEN_UP for problem in outcome.problems)
    return "", False

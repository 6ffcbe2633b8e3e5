"""
Delivers side by side, without mixing up what one address is told.

A lane is what must stay in order and may be slow: each webhook's calls, all mail, and everything
else.  Of the deliverers in one process at most one is in a lane: an address that answers after 15 s
keeps one of them, its own calls leave in the order in which they are due, and the others go on.
"""

import threading
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from datetime import timedelta
from itertools import takewhile

from tallystick.app.clock import Clock
from tallystick.app.outbox.deliver_due import DeliveryReport, deliver_claims
from tallystick.app.outbox.ports import Claim, Delivery
from tallystick.app.outbox.retry import RetryPolicy
from tallystick.app.unit_of_work import RunnerUnitOfWork

LEASE_SECONDS_LEFT_MIN = 60
"""With less time than this left of its lease, no delivery begins."""


class Lanes:
    """The lanes in which a deliverer of this process is; used from several threads."""

    def __init__(self, units: Callable[[], RunnerUnitOfWork]) -> None:
        self._units = units
        self._busy: set[str] = set()
        self._lock = threading.Lock()

    @contextmanager
    def next(self, *, clock: Clock, policy: RetryPolicy) -> Iterator[list[Claim]]:
        """Claim what is due in the lane that waits longest, which is the caller's until the end."""
        with self._lock:
            now = clock.now()
            with self._units() as unit:
                claims = unit.claims.claim_lane(
                    now=now,
                    lease_ends_at=now + timedelta(seconds=policy.lease_seconds),
                    limit=policy.batch,
                    busy=frozenset(self._busy),
                )
                unit.commit()
            lanes = {claim.lane for claim in claims}
            self._busy |= lanes
        try:
            yield claims
        finally:
            with self._lock:
                self._busy -= lanes


def deliver_lane(
    units: Callable[[], RunnerUnitOfWork],
    delivery: Delivery,
    *,
    lanes: Lanes,
    clock: Clock,
    policy: RetryPolicy | None = None,
) -> DeliveryReport:
    """
    Deliver what is due in one lane that nobody of this process is in, as `deliver_due` does.

    No claim: nothing is due in any other lane.  What is left when an address was slow is given
    back, to be claimed next.
    """
    policy = policy or RetryPolicy()
    with lanes.next(clock=clock, policy=policy) as claims:
        begun = _begun_in_time(claims, clock)
        report = deliver_claims(begun, units, delivery, clock=clock, policy=policy)
        rest = claims[report.claimed :]
        if rest:
            with units() as unit:
                for claim in rest:
                    unit.claims.postponed(claim, until=claim.message.due_at, reason="")
                unit.commit()
    return report


def _begun_in_time(claims: Iterable[Claim], clock: Clock) -> Iterator[Claim]:
    """Yield claims until their lease has too little time left for another one."""
    least = timedelta(seconds=LEASE_SECONDS_LEFT_MIN)
    return takewhile(lambda claim: claim.lease_ends_at - clock.now() >= least, claims)

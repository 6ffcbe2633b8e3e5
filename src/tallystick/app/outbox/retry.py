"""When a failed delivery is tried again, and when it is given up."""

from dataclasses import dataclass
from datetime import datetime, timedelta

from tallystick.kernel import check


@dataclass(frozen=True, slots=True, kw_only=True)
class RetryPolicy:
    """
    Limits of delivery.

    Attributes:
        lease_seconds: how long a claimed message is kept from others; longer than a delivery takes.
        attempts_max: after so many attempts the message is parked until a person looks.
        wait_seconds_first: the wait after the first failed attempt; it doubles with each.
        wait_seconds_max: the longest wait.
        batch: messages claimed at once.
    """

    lease_seconds: int = 120
    attempts_max: int = 24
    wait_seconds_first: int = 5
    wait_seconds_max: int = 6 * 3600
    batch: int = 20


def next_attempt_at(policy: RetryPolicy, *, attempt: int, now: datetime) -> datetime | None:
    """
    Return when to try again after failed attempt number ``attempt``; ``None``: not again.

    Example:
        >>> from datetime import UTC
        >>> noon = datetime(2026, 1, 1, 12, tzinfo=UTC)
        >>> policy = RetryPolicy(attempts_max=4, wait_seconds_first=5, wait_seconds_max=15)
        >>> for attempt in (1, 2, 3, 4):
        ...     print(next_attempt_at(policy, attempt=attempt, now=noon))
        2026-01-01 12:00:05+00:00
        2026-01-01 12:00:10+00:00
        2026-01-01 12:00:15+00:00
        None
    """
    check(attempt > 0, "attempts count from 1")
    if attempt >= policy.attempts_max:
        return None
    doubled = policy.wait_seconds_first * 2 ** min(attempt - 1, 32)
    return now + timedelta(seconds=min(doubled, policy.wait_seconds_max))

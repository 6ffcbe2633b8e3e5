"""
A rate with a burst: a bucket that holds ``burst`` and is filled again at the rate.

Its whole state is one instant: when the bucket would be full (the generic cell rate algorithm).
Over any time t no more than ``burst + rate x t`` passes.

    300 a minute, burst 10:  10 at once, from then on one each 0.2 s
"""

from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from decimal import ROUND_CEILING, ROUND_FLOOR, Decimal

from tallystick.kernel import EXACT, check

_MILLIONTH = Decimal("0.000001")
NEVER = datetime.max.replace(tzinfo=UTC)
"""Behind all that a clock will show."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Bucket:
    """
    How much passes in which time.

    Attributes:
        limit: what is filled in again in each ``per``, more than 0.
        per: the time of the rate.
        burst: what the bucket holds, more than 0.
    """

    limit: Decimal
    per: timedelta
    burst: Decimal

    def __post_init__(self) -> None:
        """See that something can pass."""
        check(self.limit > 0 and self.burst > 0, "a bucket holds something and is filled again")

    def take(
        self, full_at: datetime | None, quantity: Decimal, at: datetime
    ) -> tuple[datetime | None, datetime | None]:
        """
        Return when the bucket is full after a try, and when to try again; None: it was let through.

        Args:
            full_at: when it would be full as it stands; None: it is.
            quantity: what shall pass, 0 or more.
            at: the instant of the decision.

        Where the quantity is above the burst it never passes: the second instant is then `NEVER`.

        Example:
            >>> from tallystick.kernel import instant
            >>> ten = Bucket(limit=Decimal(300), per=timedelta(minutes=1), burst=Decimal(10))
            >>> noon = instant("2026-01-01T12:00:00Z")
            >>> full_at, again = ten.take(None, Decimal(10), noon)
            >>> again, (full_at - noon).total_seconds()
            (None, 2.0)
            >>> (ten.take(full_at, Decimal(1), noon)[1] - noon).total_seconds()
            0.2
        """
        if quantity > self.burst:
            return full_at, NEVER
        filled = max(full_at or at, at) + self._time(quantity, ROUND_CEILING)
        allowed = at + self._time(self.burst, ROUND_FLOOR)
        if filled <= allowed:
            return filled, None
        return full_at, at + (filled - allowed)

    def left(self, full_at: datetime | None, at: datetime) -> Decimal:
        """
        Return what the bucket holds at an instant, rounded down to a millionth, 0 or more.

        Example:
            >>> from tallystick.kernel import instant
            >>> ten = Bucket(limit=Decimal(300), per=timedelta(minutes=1), burst=Decimal(10))
            >>> noon = instant("2026-01-01T12:00:00Z")
            >>> ten.left(noon + timedelta(seconds=1.4), noon)
            Decimal('3')
        """
        if full_at is None or full_at <= at:
            return self.burst
        micros = Decimal((full_at - at) // timedelta(microseconds=1))
        per = Decimal(self.per // timedelta(microseconds=1))
        missing = EXACT.divide(EXACT.multiply(micros, self.limit), per)
        left = EXACT.subtract(self.burst, missing).quantize(_MILLIONTH, ROUND_FLOOR)
        return max(Decimal(0), left.normalize() + 0)

    def _time(self, quantity: Decimal, rounding: str) -> timedelta:
        per = Decimal(self.per // timedelta(microseconds=1))
        exact = EXACT.divide(EXACT.multiply(per, quantity), self.limit)
        return timedelta(microseconds=int(exact.to_integral_value(rounding)))

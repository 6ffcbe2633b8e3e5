"""
Use that is slowed to a rate, beyond a limit or against abuse.

    anomalies: {throttle: {limit: 60, per: minute}, minutes: 30}
                        once usage is not as it was: 60 each minute, for half an hour
"""

from dataclasses import dataclass
from decimal import Decimal
from enum import StrEnum

PROTECTION_MINUTES_MAX = 7 * 24 * 60


class RateUnit(StrEnum):
    """In what time a rate counts."""

    SECOND = "second"
    MINUTE = "minute"


@dataclass(frozen=True, slots=True, kw_only=True)
class Throttle:
    """
    The rate to which use beyond a limit is slowed.

    Attributes:
        limit: so much in each second or minute, more than 0.
        per: in which time.
        burst: so much at once; None: as much as ``limit``.
    """

    limit: Decimal
    per: RateUnit
    burst: Decimal | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Protection:
    """
    What is done by itself against use that is not as it was.

    Attributes:
        throttle: the rate to which all use is slowed; None: all use is refused.
        minutes: for how long, 1 to 10,080.
    """

    throttle: Throttle | None = None
    minutes: int = 60

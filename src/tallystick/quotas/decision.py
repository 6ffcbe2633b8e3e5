"""The answer to "may I use n more?"."""

from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from enum import StrEnum


class Reason(StrEnum):
    """Why something was allowed or refused; the first group is allowed, the second is not."""

    WITHIN_LIMIT = "within_limit"
    UNLIMITED = "unlimited"
    SWITCHED_ON = "switched_on"
    GRACE = "grace"
    OVERAGE = "overage"
    THROTTLE = "throttle"
    DUPLICATE = "duplicate"
    UNCHECKED = "unchecked"

    NOT_ENTITLED = "not_entitled"
    RESTRICTED = "restricted"
    LIMIT_REACHED = "limit_reached"
    HARD_LIMIT = "hard_limit"
    RATE_EXCEEDED = "rate_exceeded"
    NOT_CONSUMABLE = "not_consumable"
    CONFLICT = "conflict"
    UNKNOWN = "unknown"
    EXPIRED = "expired"
    UNAVAILABLE = "unavailable"

    @property
    def is_allowed(self) -> bool:
        """Tell whether it is a yes."""
        return self in _ALLOWED


_ALLOWED = frozenset(
    {
        Reason.WITHIN_LIMIT,
        Reason.UNLIMITED,
        Reason.SWITCHED_ON,
        Reason.GRACE,
        Reason.OVERAGE,
        Reason.THROTTLE,
        Reason.DUPLICATE,
        Reason.UNCHECKED,
    }
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Verdict:
    """
    What is decided of one question.

    Attributes:
        overage: the part of the quantity that lies beyond the limit.
        retry_at: when the same question could be allowed; None: no time is known.
    """

    reason: Reason
    overage: Decimal = Decimal(0)
    retry_at: datetime | None = None

    @property
    def allowed(self) -> bool:
        """Tell whether it may be used."""
        return self.reason.is_allowed

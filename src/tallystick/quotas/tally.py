"""What stands against a limit: used, held by reservations and leases, and what went beyond."""

from dataclasses import dataclass, field
from datetime import datetime
from decimal import Decimal

from tallystick.kernel import EXACT
from tallystick.quotas.recent import Recent

_NOTHING = Decimal(0)


@dataclass(frozen=True, slots=True, kw_only=True)
class Tally:
    """
    The count of one limit in one window.

    Attributes:
        used: what was used, whoever counted it first: exact, 0 or more unless a meter lets values
            be negative.
        held: what open reservations and the unspent parts of open leases hold.
        recent: the uses of a rolling window, or of a rate without burst.
        full_at: of a rate with burst, see `Bucket`.
        passed: the uses that a throttle let through, by the throttle's own time.
        passed_full_at: the same of a throttle with burst.
        over_since: since when more is used and held than the limit; None: it is not.
    """

    used: Decimal = _NOTHING
    held: Decimal = _NOTHING
    recent: Recent = field(default_factory=Recent)
    full_at: datetime | None = None
    passed: Recent = field(default_factory=Recent)
    passed_full_at: datetime | None = None
    over_since: datetime | None = None

    @property
    def taken(self) -> Decimal:
        """Return what is used and held together."""
        return EXACT.add(self.used, self.held)

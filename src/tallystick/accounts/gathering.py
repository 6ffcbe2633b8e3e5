"""How documents of a payer come together: of all its contracts, or of several periods."""

from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal

PERIODS_CARRIED_MAX = 5


@dataclass(frozen=True, slots=True, kw_only=True)
class Consolidation:
    """
    That the contracts of a payer are billed together: what falls due in [start, end).

    ``end``: None, until told otherwise.
    """

    start: datetime
    end: datetime | None = None

    def covers(self, at: datetime) -> bool:
        """Return whether what falls due at an instant is billed together."""
        return self.start <= at and (self.end is None or at < self.end)


@dataclass(frozen=True, slots=True, kw_only=True)
class LeastInvoice:
    """
    The least that is invoiced; what comes to less waits for the next document.

    Attributes:
        amount: in major units of the currency of whoever declares it; documents of other
            currencies do not wait. 0: nothing waits.
        periods_max: how many periods of a contract may wait; one more, and all are invoiced. The
            default of 5 keeps a supply of a month within the six months in which the law of some
            countries asks for an invoice (Germany: section 14 (2) UStG).
    """

    amount: Decimal
    periods_max: int = PERIODS_CARRIED_MAX

"""What is due of a price for one service period, and the parts of time that it is made of."""

from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from fractions import Fraction

from tallystick.catalog import Proration
from tallystick.kernel import Period
from tallystick.pricing import Price
from tallystick.subscriptions import BillingPeriod


@dataclass(frozen=True, slots=True, kw_only=True)
class Item:
    """
    A price for one service period.

    Attributes:
        share: the part of a whole period that the service period is.
        quantity: how much the contract takes of a price without a meter; of a bound over several
            prices nothing, for what these come to is known only when they are priced.
        within: the billing period around it; for a price with an interval of its own, that one.
        part: of the share of the billing period; 1 unless the contract changes within it.
        tiers_from: tiers are filled by what was used in the billing period since this instant.
        around: the period whose share it is: that of the contract, or the price's own.
        mode: how its share is counted.
        billed: the billing period with which it is due: at its end, or in advance at its start.
    """

    price: Price
    period: Period
    share: Fraction
    quantity: Decimal = Decimal(1)
    within: Period
    part: Fraction = Fraction(1)
    tiers_from: datetime
    around: BillingPeriod
    mode: Proration
    billed: Period

    @property
    def due_at(self) -> datetime:
        """Return the instant at which it falls due."""
        return self.billed.start if is_in_advance(self.price) else self.billed.end


@dataclass(frozen=True, slots=True, kw_only=True)
class Run:
    """A part of a billing period in which a price is the same."""

    price: Price
    quantity: Decimal
    mode: Proration
    period: Period
    tiers_from: datetime
    at_period_end: bool = False


def is_in_advance(price: Price) -> bool:
    """Return whether a price falls due before its service period; usage never does."""
    return price.cadence == "advance" and price.meter is None

"""
What is given on top of a top-up: slabs by what is paid, or what somebody said outright.

    from 1,000.00: 10 %;  from 5,000.00: 750.00

        top-up 3,000.00    300.00 on top
        top-up 6,000.00    750.00 on top
        top-up   500.00    nothing
"""

from collections.abc import Sequence
from dataclasses import dataclass
from decimal import Decimal

from tallystick.kernel import Amount, Misuse, Money, settle

_HUNDREDTH = Decimal("0.01")


@dataclass(frozen=True, slots=True, kw_only=True)
class BonusSlab:
    """
    What is given on top from a sum on: a percentage of what is paid, or an amount.

    Attributes:
        from_amount: in major units; it belongs to the slab.

    Raises:
        Misuse: neither or both of percentage and amount, or less than nothing.
    """

    from_amount: Decimal
    percent: Decimal | None = None
    amount: Decimal | None = None

    def __post_init__(self) -> None:
        """Refuse what gives nothing or twice."""
        given = [each for each in (self.percent, self.amount) if each is not None]
        if len(given) != 1 or given[0] < 0 or self.from_amount < 0:
            raise Misuse("a bonus is a percentage or an amount, of 0 or more")


def bonus(paid: Money, slabs: Sequence[BonusSlab], *, said: Money | None = None) -> Money:
    """
    Return what is given on top of a top-up, settled half away from zero.

    The slab with the largest sum that was reached decides. What somebody said outright comes before
    any slab, also if it is nothing.

    Example:
        >>> from tallystick.kernel import currency
        >>> slabs = [BonusSlab(from_amount=Decimal(1000), percent=Decimal(10))]
        >>> str(bonus(Money(minor=300000, currency=currency("USD")), slabs))
        '300.00 USD'
    """
    if said is not None:
        return said
    reached = [slab for slab in slabs if slab.from_amount <= paid.decimal]
    if not reached:
        return Money(minor=0, currency=paid.currency)
    slab = max(reached, key=lambda one: one.from_amount)
    if slab.amount is not None:
        return settle(Amount(value=slab.amount, currency=paid.currency))
    return settle(paid.amount.times(_HUNDREDTH).times(slab.percent or Decimal(0)))

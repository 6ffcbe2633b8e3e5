"""
The result of folding the events of one window, and what it may be used for.

A quantity is kept as numerator and denominator: exact sums on top, one division at the very end.
For a level the numerator is value x microseconds and the denominator 1,000,000; for an average they
are sum and count; elsewhere the denominator is 1.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from decimal import Decimal

from tallystick.kernel import EXACT

ZERO = Decimal(0)
ONE = Decimal(1)


@dataclass(frozen=True, slots=True, kw_only=True)
class Fold:
    """
    What the events of a window amount to.

    Attributes:
        numerator: exact, in the meter's unit (levels: unit x microsecond).
        denominator: 1; the number of values for ``avg``; 1,000,000 for levels.
        events: events with a value in the window; carried values are not among them.
        unmeterable: events in the window whose value cannot be read; never counted as 0.
        gap_seconds: seconds in the window for which no value was recent enough.
        gaps: stretches of such seconds; one that crosses a window's border counts in both.
    """

    numerator: Decimal
    denominator: Decimal
    events: int
    unmeterable: int
    gap_seconds: Decimal
    gaps: int = 0

    @property
    def quantity(self) -> Decimal:
        """
        Return the quantity; 0 where nothing was measured.

        Rounding: none unless the quotient does not end (``avg``); then 76 digits, half even.

        Example:
            >>> Fold(numerator=Decimal(7), denominator=Decimal(2), events=2, unmeterable=0,
            ...      gap_seconds=Decimal(0)).quantity
            Decimal('3.5')
        """
        if not self.denominator or not self.numerator:
            return ZERO
        if self.denominator == ONE:
            return self.numerator
        return EXACT.divide(self.numerator, self.denominator)

    @property
    def is_empty(self) -> bool:
        """Whether the window holds nothing to report: no event, no quantity and no gap."""
        return not (self.events or self.unmeterable or self.numerator or self.gap_seconds)


def exact_sum(values: Iterable[Decimal]) -> Decimal:
    """
    Return the sum, exact to 76 digits whatever the caller's decimal context.

    Example:
        >>> exact_sum([Decimal("0.1"), Decimal("0.2")])
        Decimal('0.3')
    """
    total = ZERO
    for value in values:
        total = EXACT.add(total, value)
    return total

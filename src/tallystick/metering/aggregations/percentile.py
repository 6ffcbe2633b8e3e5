"""
`percentile`: the value that a given share of the values does not exceed, by nearest rank.

Of n values in ascending order it is the one at rank ceil(p / 100 x n), counted from 1: always a
value that was measured, never one between two. For p = 95 this is what remains after the greatest
5 % are struck out, as bandwidth is commonly billed.

    p 95 of 1, 2, ... 100: rank 95, value 95      p 95 of 10, 20, 30: rank ceil(2.85) = 3, value 30
    p 50 of 10, 20, 30, 40: rank 2, value 20      p 100 is the greatest

Each event weighs the same, however far apart they are; those of all series stand in one row.
"""

from decimal import Decimal

from tallystick.kernel import EXACT, check
from tallystick.metering.aggregations.rule import FoldRule, Taken
from tallystick.metering.fold import ZERO, Fold

PERCENTILE_PARTS = 100_000
"""A percentile has at most three decimal places: it is a whole number of 1/100,000."""


def fold_percentile(taken: Taken) -> Fold:
    """Return the value at the percentile's rank; 0 for none."""
    values = sorted(taken.values())
    if not values:
        return taken.folded(ZERO)
    rank = -(-percentile_parts(taken.meter.percentile) * len(values) // PERCENTILE_PARTS)
    return taken.folded(values[rank - 1])


def percentile_parts(percentile: Decimal | None) -> int:
    """
    Return a percentile as a whole number of 1/100,000.

    Example:
        >>> percentile_parts(Decimal("99.9"))
        99900
    """
    check(percentile is not None, "a percentile meter says which")
    return int(EXACT.multiply(percentile or ZERO, Decimal(1000)))


PERCENTILE = FoldRule(fold=fold_percentile, adds=False)

"""`avg`: the mean of the values in the window, kept as sum and count."""

from decimal import Decimal

from tallystick.metering.aggregations.rule import FoldRule, Taken
from tallystick.metering.fold import Fold, exact_sum


def fold_avg(taken: Taken) -> Fold:
    """Return sum over count; each event weighs the same, however far apart they are."""
    values = taken.values()
    return taken.folded(exact_sum(values), Decimal(len(values)))


AVG = FoldRule(fold=fold_avg, adds=False)

"""`sum`: the sum of the values in the window, exact."""

from tallystick.metering.aggregations.rule import FoldRule, Taken
from tallystick.metering.fold import Fold, exact_sum


def fold_sum(taken: Taken) -> Fold:
    """Return the sum of the values; 0 for none."""
    return taken.folded(exact_sum(taken.values()))


SUM = FoldRule(fold=fold_sum, adds=True)

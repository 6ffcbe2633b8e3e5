"""`min`: the least value in the window."""

from tallystick.metering.aggregations.rule import FoldRule, Taken
from tallystick.metering.fold import ZERO, Fold


def fold_min(taken: Taken) -> Fold:
    """Return the least value; 0 for none."""
    return taken.folded(min(taken.values(), default=ZERO))


MIN = FoldRule(fold=fold_min, adds=False)

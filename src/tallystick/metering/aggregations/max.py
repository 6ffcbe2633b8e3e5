"""`max`: the greatest value in the window."""

from tallystick.metering.aggregations.rule import FoldRule, Taken
from tallystick.metering.fold import ZERO, Fold


def fold_max(taken: Taken) -> Fold:
    """Return the greatest value; 0 for none, also where values may be negative."""
    return taken.folded(max(taken.values(), default=ZERO))


MAX = FoldRule(fold=fold_max, adds=False)

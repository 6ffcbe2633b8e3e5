"""`count`: the number of events in the window."""

from decimal import Decimal

from tallystick.metering.aggregations.rule import FoldRule, Taken
from tallystick.metering.fold import Fold


def fold_count(taken: Taken) -> Fold:
    """Return the number of events; no value is read, so none is unmeterable."""
    return taken.folded(Decimal(sum(len(strand.readings) for strand in taken.strands)))


COUNT = FoldRule(fold=fold_count, adds=True)

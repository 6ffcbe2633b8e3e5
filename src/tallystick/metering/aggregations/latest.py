"""`latest`: the last value in the window by event order, never by arrival."""

from tallystick.metering.aggregations.rule import FoldRule, Taken, value_of
from tallystick.metering.event import event_order
from tallystick.metering.fold import ZERO, Fold
from tallystick.metering.reading import Reading


def fold_latest(taken: Taken) -> Fold:
    """
    Return the last value over all series; 0 for none.

    A value from before the window is not carried in: what holds on is a level, `time_weighted`.
    """
    last = max(taken.readings(), key=_order, default=None)
    return taken.folded(ZERO if last is None else value_of(last))


def _order(reading: Reading) -> tuple[object, ...]:
    return event_order(reading.event)


LATEST = FoldRule(fold=fold_latest, adds=False)

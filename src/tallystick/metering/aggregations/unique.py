"""
`unique`: the number of distinct value texts in the window.

The text counts, not the number: ``1`` and ``1.0`` are two. An event with an empty text is
unmeterable.
"""

from decimal import Decimal

from tallystick.metering.aggregations.rule import FoldRule, Taken
from tallystick.metering.fold import Fold


def fold_unique(taken: Taken) -> Fold:
    """Return the number of distinct texts over all series."""
    return taken.folded(Decimal(len({reading.text for reading in taken.readings()})))


UNIQUE = FoldRule(fold=fold_unique, adds=False)

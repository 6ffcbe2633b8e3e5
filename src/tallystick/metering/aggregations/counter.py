"""
`counter`: the increase of a cumulative counter.

The first reading of a series is a baseline and counts 0. Each later one adds its rise over the one
before and belongs to its own instant, wherever the one before lies. A counter that began anew
counts with its whole new value: where the epoch (a boot id) of both readings is known and differs,
or where the value falls. A counter declared 32 or 64 bits wide that falls has wrapped.

    100, 160, 220, 30, 90:   60 + 60 + 30 + 60 = 210
    4294967000, 704:         704; declared 32 bits wide: 2^32 - 4294967000 + 704 = 1000

A reset that has passed the old value between two readings looks like a rise; an epoch tells.
"""

from decimal import Decimal
from itertools import pairwise

from tallystick.kernel import EXACT
from tallystick.metering.aggregations.rule import FoldRule, Taken, value_of
from tallystick.metering.fold import Fold, exact_sum
from tallystick.metering.meter import WrapBits
from tallystick.metering.reading import Reading


def fold_counter(taken: Taken) -> Fold:
    """Return the increase of all series in the window."""
    return taken.folded(
        exact_sum(
            _increase(before, after, taken.meter.wrap_bits)
            for strand in taken.strands
            for before, after in pairwise(strand.with_carried())
        )
    )


def _increase(before: Reading, after: Reading, wrap_bits: WrapBits) -> Decimal:
    old, new = value_of(before), value_of(after)
    if before.epoch and after.epoch and before.epoch != after.epoch:
        return new
    if new >= old:
        return EXACT.subtract(new, old)
    width = Decimal(1 << wrap_bits)
    # A reading at or above the declared width cannot have wrapped there: taken as a reset.
    return EXACT.add(EXACT.subtract(width, old), new) if wrap_bits and old < width else new


COUNTER = FoldRule(fold=fold_counter, adds=True, carries=True)

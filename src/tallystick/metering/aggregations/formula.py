"""
`formula`: an expression over the quantities of other meters, see `composing.py`.

It is not folded from events; what stands here says so to whoever tries.
"""

from tallystick.kernel import Misuse
from tallystick.metering.aggregations.rule import FoldRule, Taken
from tallystick.metering.fold import Fold


def fold_formula(taken: Taken) -> Fold:
    """Refuse: a formula is evaluated over quantities."""
    raise Misuse(f"meter {taken.meter.key} is a formula; ask for its usage by a query")


FORMULA = FoldRule(fold=fold_formula, adds=False)

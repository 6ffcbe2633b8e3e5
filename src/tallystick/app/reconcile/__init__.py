"""The log compared with everything derived from it, and repaired from it."""

from tallystick.app.reconcile.ports import (
    BlockDifference,
    ComparedProjection,
    ComparedRollUps,
    Comparison,
    Difference,
    Faults,
    Group,
    Logged,
    Store,
    Total,
)
from tallystick.app.reconcile.reconcile import LISTED_MAX, Reconciliation, reconcile
from tallystick.app.reconcile.sources import BlocksFrom, ReconcileSources, Watched
from tallystick.app.reconcile.spans import Scope

__all__ = [
    "LISTED_MAX",
    "BlockDifference",
    "BlocksFrom",
    "ComparedProjection",
    "ComparedRollUps",
    "Comparison",
    "Difference",
    "Faults",
    "Group",
    "Logged",
    "ReconcileSources",
    "Reconciliation",
    "Scope",
    "Store",
    "Total",
    "Watched",
    "reconcile",
]

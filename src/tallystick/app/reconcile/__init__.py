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
from tallystick.app.reconcile.reconcile import LISTED_MAX, Counts, Reconciliation, reconcile
from tallystick.app.reconcile.reconciler import Reconciler, Run, RunState
from tallystick.app.reconcile.record_run import RepairProjection, record_run
from tallystick.app.reconcile.runs import (
    SCHEDULED,
    LatestRun,
    ReconciliationHistory,
    ReconciliationRun,
    ReconciliationStore,
    ToldDifference,
    told,
)
from tallystick.app.reconcile.sources import BlocksFrom, ReconcileSources, Watched
from tallystick.app.reconcile.spans import Scope

__all__ = [
    "LISTED_MAX",
    "SCHEDULED",
    "BlockDifference",
    "BlocksFrom",
    "ComparedProjection",
    "ComparedRollUps",
    "Comparison",
    "Counts",
    "Difference",
    "Faults",
    "Group",
    "LatestRun",
    "Logged",
    "ReconcileSources",
    "Reconciler",
    "Reconciliation",
    "ReconciliationHistory",
    "ReconciliationRun",
    "ReconciliationStore",
    "RepairProjection",
    "Run",
    "RunState",
    "Scope",
    "Store",
    "ToldDifference",
    "Total",
    "Watched",
    "reconcile",
    "record_run",
    "told",
]

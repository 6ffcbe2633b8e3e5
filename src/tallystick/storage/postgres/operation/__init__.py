"""What the program found out about itself: reconciliations and alerts."""

from tallystick.storage.postgres.operation.alerts import PostgresAlertFigures, PostgresAlerts
from tallystick.storage.postgres.operation.reconciliations import (
    PostgresReconciliationHistory,
    PostgresReconciliations,
)

__all__ = [
    "PostgresAlertFigures",
    "PostgresAlerts",
    "PostgresReconciliationHistory",
    "PostgresReconciliations",
]

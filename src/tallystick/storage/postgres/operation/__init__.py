"""What the program found out about itself, and what its billing runs gather."""

from tallystick.storage.postgres.operation.alerts import PostgresAlertFigures, PostgresAlerts
from tallystick.storage.postgres.operation.gathered_accounts import PostgresGatheredAccounts
from tallystick.storage.postgres.operation.gathered_invoices import PostgresGatheredInvoices
from tallystick.storage.postgres.operation.investigations import PostgresInvestigations
from tallystick.storage.postgres.operation.patterns import PostgresPatterns
from tallystick.storage.postgres.operation.payers import PostgresPayers
from tallystick.storage.postgres.operation.reconciliations import (
    PostgresReconciliationHistory,
    PostgresReconciliations,
)

__all__ = [
    "PostgresAlertFigures",
    "PostgresAlerts",
    "PostgresGatheredAccounts",
    "PostgresGatheredInvoices",
    "PostgresInvestigations",
    "PostgresPatterns",
    "PostgresPayers",
    "PostgresReconciliationHistory",
    "PostgresReconciliations",
]

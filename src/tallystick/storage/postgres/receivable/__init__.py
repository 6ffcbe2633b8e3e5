"""The stores around documents: series, parked accounts, what stands, disputes, money, credit."""

from tallystick.storage.postgres.receivable.credit_endings import PostgresCreditEndings
from tallystick.storage.postgres.receivable.credits import PostgresCredits
from tallystick.storage.postgres.receivable.disputes import PostgresDisputes
from tallystick.storage.postgres.receivable.history import PostgresDocumentHistory
from tallystick.storage.postgres.receivable.payments import PostgresMoney, PostgresPayments
from tallystick.storage.postgres.receivable.series import (
    PostgresInvoiceSeries,
    PostgresParkedAccounts,
    PostgresParkedFigures,
)
from tallystick.storage.postgres.receivable.standing import PostgresReceivables
from tallystick.storage.postgres.receivable.top_ups import PostgresTopUps

__all__ = [
    "PostgresCreditEndings",
    "PostgresCredits",
    "PostgresDisputes",
    "PostgresDocumentHistory",
    "PostgresInvoiceSeries",
    "PostgresMoney",
    "PostgresParkedAccounts",
    "PostgresParkedFigures",
    "PostgresPayments",
    "PostgresReceivables",
    "PostgresTopUps",
]

"""The stores around documents: number series, parked accounts, what stands, disputes, money."""

from tallystick.storage.postgres.receivable.disputes import PostgresDisputes
from tallystick.storage.postgres.receivable.payments import PostgresMoney, PostgresPayments
from tallystick.storage.postgres.receivable.series import (
    PostgresInvoiceSeries,
    PostgresParkedAccounts,
    PostgresParkedFigures,
)
from tallystick.storage.postgres.receivable.standing import PostgresReceivables

__all__ = [
    "PostgresDisputes",
    "PostgresInvoiceSeries",
    "PostgresMoney",
    "PostgresParkedAccounts",
    "PostgresParkedFigures",
    "PostgresPayments",
    "PostgresReceivables",
]

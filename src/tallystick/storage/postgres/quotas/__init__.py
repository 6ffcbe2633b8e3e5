"""The stores of quotas: counters, what is held of them, and uses on their way to the log."""

from tallystick.storage.postgres.quotas.alerts import PostgresUsageAlerts
from tallystick.storage.postgres.quotas.consumptions import PostgresConsumptions
from tallystick.storage.postgres.quotas.counters import PostgresCounters
from tallystick.storage.postgres.quotas.holds import PostgresHolds
from tallystick.storage.postgres.quotas.moving import PostgresHoldMoves
from tallystick.storage.postgres.quotas.store import PostgresQuotaDirectory, PostgresQuotas

__all__ = [
    "PostgresConsumptions",
    "PostgresCounters",
    "PostgresHoldMoves",
    "PostgresHolds",
    "PostgresQuotaDirectory",
    "PostgresQuotas",
    "PostgresUsageAlerts",
]

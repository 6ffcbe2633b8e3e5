"""The stores of bookkeeping: the journal, deferred revenue, exchange rates, published prices."""

from tallystick.storage.postgres.ledger.deferrals import PostgresDeferrals
from tallystick.storage.postgres.ledger.journal import PostgresJournal
from tallystick.storage.postgres.ledger.price_series import PostgresPriceSeries
from tallystick.storage.postgres.ledger.rates import PostgresRates
from tallystick.storage.postgres.ledger.reading import (
    PostgresJournalExports,
    PostgresJournalReader,
)

__all__ = [
    "PostgresDeferrals",
    "PostgresJournal",
    "PostgresJournalExports",
    "PostgresJournalReader",
    "PostgresPriceSeries",
    "PostgresRates",
]

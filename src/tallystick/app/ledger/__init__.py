"""Bookkeeping: entries, balances, locked months, recognition of revenue, exports."""

from tallystick.app.ledger.books import chosen_entity, held_books
from tallystick.app.ledger.export_journal import (
    ExportedEntries,
    ExportJournal,
    export_journal,
    list_exports,
    read_export,
)
from tallystick.app.ledger.list_entries import list_entries, read_balances
from tallystick.app.ledger.lock_months import Locked, LockMonths, lock_months
from tallystick.app.ledger.ports import (
    DeferralStore,
    JournalExport,
    JournalExports,
    JournalReader,
    JournalStore,
    Scheduled,
)
from tallystick.app.ledger.read_books import (
    BooksQuestion,
    ReadStatement,
    ReadTrialBalance,
    read_statement,
    read_trial_balance,
)
from tallystick.app.ledger.recognize_revenue import (
    RecognizeRevenue,
    read_schedule,
    recognize_revenue,
)

__all__ = [
    "BooksQuestion",
    "DeferralStore",
    "ExportJournal",
    "ExportedEntries",
    "JournalExport",
    "JournalExports",
    "JournalReader",
    "JournalStore",
    "LockMonths",
    "Locked",
    "ReadStatement",
    "ReadTrialBalance",
    "RecognizeRevenue",
    "Scheduled",
    "chosen_entity",
    "export_journal",
    "held_books",
    "list_entries",
    "list_exports",
    "lock_months",
    "read_balances",
    "read_export",
    "read_schedule",
    "read_statement",
    "read_trial_balance",
    "recognize_revenue",
]

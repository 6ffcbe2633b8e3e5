"""Reading the journal and its balances."""

from tallystick.app.ledger.list_entries import list_entries, read_balances
from tallystick.app.ledger.ports import JournalStore

__all__ = ["JournalStore", "list_entries", "read_balances"]

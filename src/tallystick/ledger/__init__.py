"""The journal: balanced entries that are reversed, never changed, and their balances."""

from tallystick.ledger.books import AccountingMonth, Books, accounting_month, month_of
from tallystick.ledger.chart import AccountKind, Side, chart_name, kind_of, normal_side
from tallystick.ledger.journal import (
    Entry,
    PostedEntry,
    Posting,
    balanced,
    balances,
    entry_problems,
    reverse,
)

__all__ = [
    "AccountKind",
    "AccountingMonth",
    "Books",
    "Entry",
    "PostedEntry",
    "Posting",
    "Side",
    "accounting_month",
    "balanced",
    "balances",
    "chart_name",
    "entry_problems",
    "kind_of",
    "month_of",
    "normal_side",
    "reverse",
]

"""The journal: balanced entries that are reversed, never changed, and their balances."""

from tallystick.ledger.chart import AccountKind, Side, chart_name, kind_of, normal_side
from tallystick.ledger.journal import Entry, Posting, balanced, balances, entry_problems, reverse

__all__ = [
    "AccountKind",
    "Entry",
    "Posting",
    "Side",
    "balanced",
    "balances",
    "chart_name",
    "entry_problems",
    "kind_of",
    "normal_side",
    "reverse",
]

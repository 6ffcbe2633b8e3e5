"""The journal: balanced entries that are reversed, never changed, and their balances."""

from tallystick.ledger.books import AccountingMonth, Books, accounting_month, month_of
from tallystick.ledger.chart import AccountKind, Side, chart_name, kind_of, normal_side
from tallystick.ledger.deferral import Division, Service, divide_income, service_days
from tallystick.ledger.journal import (
    Entry,
    PostedEntry,
    Posting,
    balanced,
    balances,
    entry_problems,
    reverse,
)
from tallystick.ledger.payment import ForeignPayment, payment_postings
from tallystick.ledger.recognition import DeferredPart, recognition_entry
from tallystick.ledger.statement import (
    AccountQuestion,
    Movement,
    Standpoint,
    Statement,
    StatementLine,
    TrialBalance,
    TrialRow,
    statement_of,
    trial_balance,
)

__all__ = [
    "AccountKind",
    "AccountQuestion",
    "AccountingMonth",
    "Books",
    "DeferredPart",
    "Division",
    "Entry",
    "ForeignPayment",
    "Movement",
    "PostedEntry",
    "Posting",
    "Service",
    "Side",
    "Standpoint",
    "Statement",
    "StatementLine",
    "TrialBalance",
    "TrialRow",
    "accounting_month",
    "balanced",
    "balances",
    "chart_name",
    "divide_income",
    "entry_problems",
    "kind_of",
    "month_of",
    "normal_side",
    "payment_postings",
    "recognition_entry",
    "reverse",
    "service_days",
    "statement_of",
    "trial_balance",
]

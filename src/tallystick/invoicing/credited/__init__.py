"""Credit that lowers lines before tax: what it covers, what a key keeps, what moves at issue."""

from tallystick.invoicing.credited.checking import credited_again, settled_before
from tallystick.invoicing.credited.covering import Credit, Open, with_kept, without_credit
from tallystick.invoicing.credited.held import Held, held_by_key, kept
from tallystick.invoicing.credited.known import asked_at, lowering, with_spent
from tallystick.invoicing.credited.movements import (
    credit_movements,
    credited,
    knows_credit,
    opens_of,
    spent_by,
)
from tallystick.invoicing.credited.taking import line_of

__all__ = [
    "Credit",
    "Held",
    "Open",
    "asked_at",
    "credit_movements",
    "credited",
    "credited_again",
    "held_by_key",
    "kept",
    "knows_credit",
    "line_of",
    "lowering",
    "opens_of",
    "settled_before",
    "spent_by",
    "with_kept",
    "with_spent",
    "without_credit",
]

"""Credit that lowers lines before tax: what it covers, what a key keeps, what moves at issue."""

from tallystick.invoicing.credited.checking import credited_again, settled_before
from tallystick.invoicing.credited.covering import (
    Credit,
    Open,
    holds_credit,
    lowering,
    without_credit,
)
from tallystick.invoicing.credited.held import Held, held_by_key, kept
from tallystick.invoicing.credited.movements import (
    credit_movements,
    opens_of,
    spent_by,
    with_spent,
)

__all__ = [
    "Credit",
    "Held",
    "Open",
    "credit_movements",
    "credited_again",
    "held_by_key",
    "holds_credit",
    "kept",
    "lowering",
    "opens_of",
    "settled_before",
    "spent_by",
    "with_spent",
    "without_credit",
]

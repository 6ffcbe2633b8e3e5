"""Money that payers paid and what became of it: applied to documents, refunded, at hand."""

from tallystick.payments.applying import Named, applied, apply_named, apply_oldest_first, covered
from tallystick.payments.card_numbers import card_number_problem, holds_card_number
from tallystick.payments.entries import (
    BookedMove,
    Exchanged,
    move_entry,
    payment_entry,
    surplus_entry,
)
from tallystick.payments.realized import realized_gain, value_of_part
from tallystick.payments.refunding import forfeit, refund, surplus_on
from tallystick.payments.source import Method, Payment, Source, SourceKind
from tallystick.payments.standing import Applied, Move, MoveKind, Owed, Standing

__all__ = [
    "Applied",
    "BookedMove",
    "Exchanged",
    "Method",
    "Move",
    "MoveKind",
    "Named",
    "Owed",
    "Payment",
    "Source",
    "SourceKind",
    "Standing",
    "applied",
    "apply_named",
    "apply_oldest_first",
    "card_number_problem",
    "covered",
    "forfeit",
    "holds_card_number",
    "move_entry",
    "payment_entry",
    "realized_gain",
    "refund",
    "surplus_entry",
    "surplus_on",
    "value_of_part",
]

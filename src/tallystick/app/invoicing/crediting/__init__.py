"""Credit of payers on documents: what is known of it, what issued documents take, its booking."""

from tallystick.app.invoicing.crediting.draw_deposits import draw_deposits
from tallystick.app.invoicing.crediting.holding import hold_credit
from tallystick.app.invoicing.crediting.known_credit import known_credit
from tallystick.app.invoicing.crediting.save_drafted import save_drafted
from tallystick.app.invoicing.crediting.take_back_sold import (
    TakenBack,
    book_taken_back,
    take_back_sold,
    taken_back,
)
from tallystick.app.invoicing.crediting.take_credit import TakenCredit, book_credit, take_credit

__all__ = [
    "TakenBack",
    "TakenCredit",
    "book_credit",
    "book_taken_back",
    "draw_deposits",
    "hold_credit",
    "known_credit",
    "save_drafted",
    "take_back_sold",
    "take_credit",
    "taken_back",
]

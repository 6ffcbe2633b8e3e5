"""What a document is due to hold: which price, for which service period, at which share."""

from tallystick.invoicing.due.item import Item, is_in_advance
from tallystick.invoicing.due.items import due_items, item_of, items_around, items_before
from tallystick.invoicing.due.paying import is_paid, left_at, opened, payer_at
from tallystick.invoicing.due.terms import bounded_span

__all__ = [
    "Item",
    "bounded_span",
    "due_items",
    "is_in_advance",
    "is_paid",
    "item_of",
    "items_around",
    "items_before",
    "left_at",
    "opened",
    "payer_at",
]

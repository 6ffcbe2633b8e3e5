"""What is taken off, or added to, all that a document charges: coupons."""

from tallystick.invoicing.whole.coupons import Cut, Reducible, take_off
from tallystick.invoicing.whole.pricing import (
    attributions_of,
    beside,
    priced,
    taken_off_steps,
    with_steps,
)
from tallystick.invoicing.whole.slots import Slot, couponed_slots

__all__ = [
    "Cut",
    "Reducible",
    "Slot",
    "attributions_of",
    "beside",
    "couponed_slots",
    "priced",
    "take_off",
    "taken_off_steps",
    "with_steps",
]

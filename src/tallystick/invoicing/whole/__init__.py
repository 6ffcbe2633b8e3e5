"""What coupons and bounds over several prices do to all that a document charges."""

from tallystick.invoicing.whole.bounds import above_maximum, covered
from tallystick.invoicing.whole.coupons import Cut, Reducible, take_off
from tallystick.invoicing.whole.pricing import (
    attributions_of,
    beside,
    converted_beside,
    priced,
    taken_off_steps,
)
from tallystick.invoicing.whole.reducing import plan_of, with_steps
from tallystick.invoicing.whole.slots import Slot, related_slots

__all__ = [
    "Cut",
    "Reducible",
    "Slot",
    "above_maximum",
    "attributions_of",
    "beside",
    "converted_beside",
    "covered",
    "plan_of",
    "priced",
    "related_slots",
    "take_off",
    "taken_off_steps",
    "with_steps",
]

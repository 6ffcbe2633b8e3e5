"""What surrounds a model: stages before it that change the quantity, stages after it the amount."""

from tallystick.pricing.stages.allowance import roll_over, take_allowance
from tallystick.pricing.stages.bounds import bound_amount
from tallystick.pricing.stages.discounts import Discount, DiscountTier, discount_amount
from tallystick.pricing.stages.rollover import Rollover
from tallystick.pricing.stages.rounding import QuantityRounding, round_quantity
from tallystick.pricing.stages.runs import EachRun, lengthen_runs
from tallystick.pricing.stages.sharing import share_of_all, used_together

__all__ = [
    "Discount",
    "DiscountTier",
    "EachRun",
    "QuantityRounding",
    "Rollover",
    "bound_amount",
    "discount_amount",
    "lengthen_runs",
    "roll_over",
    "round_quantity",
    "share_of_all",
    "take_allowance",
    "used_together",
]

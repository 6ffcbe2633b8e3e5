"""What surrounds a model: stages before it that change the quantity, stages after it the amount."""

from tallystick.pricing.stages.allowance import roll_over, take_allowance
from tallystick.pricing.stages.bounds import bound_amount
from tallystick.pricing.stages.discounts import Discount, DiscountTier, discount_amount
from tallystick.pricing.stages.rounding import QuantityRounding, round_quantity

__all__ = [
    "Discount",
    "DiscountTier",
    "QuantityRounding",
    "bound_amount",
    "discount_amount",
    "roll_over",
    "round_quantity",
    "take_allowance",
]

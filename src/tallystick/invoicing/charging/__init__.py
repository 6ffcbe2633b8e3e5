"""From a measured quantity, or a share of a fee, to an exact charge; what a change does to fees."""

from tallystick.invoicing.charging.by_hand import charge_of_item, fact_by_hand
from tallystick.invoicing.charging.fees import (
    FeeEffect,
    fee_effects,
    fee_rate,
    prorated,
    rate_warnings,
)
from tallystick.invoicing.charging.levels import changes_of, name_of_run
from tallystick.invoicing.charging.rates import at_rate, latest_rate, rate_rule
from tallystick.invoicing.charging.rating import (
    WHOLE,
    UsageOf,
    billed_quantity,
    charge_of,
    detail_of,
)

__all__ = [
    "WHOLE",
    "FeeEffect",
    "UsageOf",
    "at_rate",
    "billed_quantity",
    "changes_of",
    "charge_of",
    "charge_of_item",
    "detail_of",
    "fact_by_hand",
    "fee_effects",
    "fee_rate",
    "latest_rate",
    "name_of_run",
    "prorated",
    "rate_rule",
    "rate_warnings",
]

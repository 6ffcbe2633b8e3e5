"""An account's contract over time: its terms, its billing periods, the shares of their parts."""

from tallystick.catalog import ContractChange, Quantities, Subscription
from tallystick.subscriptions.periods import (
    BillingPeriod,
    billing_periods,
    periods,
    whole_period,
)
from tallystick.subscriptions.proration import (
    prorate,
    share_of,
    share_of_part,
    share_of_period,
)
from tallystick.subscriptions.timeline import Segment, Terms, change_id, named_plans, timeline

__all__ = [
    "BillingPeriod",
    "ContractChange",
    "Quantities",
    "Segment",
    "Subscription",
    "Terms",
    "billing_periods",
    "change_id",
    "named_plans",
    "periods",
    "prorate",
    "share_of",
    "share_of_part",
    "share_of_period",
    "timeline",
    "whole_period",
]

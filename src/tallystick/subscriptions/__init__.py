"""An account's contract over time: its billing periods, and the shares of parts of a period."""

from tallystick.catalog import Subscription
from tallystick.subscriptions.periods import (
    BillingPeriod,
    billing_periods,
    periods,
    whole_period,
)
from tallystick.subscriptions.proration import prorate, share_of, share_of_period

__all__ = [
    "BillingPeriod",
    "Subscription",
    "billing_periods",
    "periods",
    "prorate",
    "share_of",
    "share_of_period",
    "whole_period",
]

"""An account's contract over time: periods and shares of periods."""

from tallystick.catalog import Subscription
from tallystick.subscriptions.periods import periods, whole_period
from tallystick.subscriptions.proration import prorate, share_of

__all__ = ["Subscription", "periods", "prorate", "share_of", "whole_period"]

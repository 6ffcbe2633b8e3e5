"""Use cases that read subscriptions."""

from tallystick.app.subscriptions.ports import SubscriptionStore
from tallystick.app.subscriptions.read_subscriptions import get_subscription, list_subscriptions

__all__ = ["SubscriptionStore", "get_subscription", "list_subscriptions"]

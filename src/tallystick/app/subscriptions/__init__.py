"""Use cases that read subscriptions."""

from tallystick.app.subscriptions.ports import SubscriptionStore

__all__ = ["SubscriptionStore"]

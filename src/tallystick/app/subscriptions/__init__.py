"""Use cases that read subscriptions and change what they agree on."""

from tallystick.app.subscriptions.agree_change import (
    AgreeChange,
    AgreedChange,
    AgreedFee,
    Direction,
    When,
    agree_change,
)
from tallystick.app.subscriptions.ports import SubscriptionStore
from tallystick.app.subscriptions.read_subscriptions import get_subscription, list_subscriptions
from tallystick.app.subscriptions.withdraw_change import WithdrawChange, withdraw_change

__all__ = [
    "AgreeChange",
    "AgreedChange",
    "AgreedFee",
    "Direction",
    "SubscriptionStore",
    "When",
    "WithdrawChange",
    "agree_change",
    "get_subscription",
    "list_subscriptions",
    "withdraw_change",
]

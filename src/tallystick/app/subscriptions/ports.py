"""What use cases ask of the store of subscriptions."""

from collections.abc import Iterable, Mapping
from typing import Protocol

from tallystick.kernel import AccountKey, SubscriptionKey
from tallystick.subscriptions import Subscription


class SubscriptionStore(Protocol):
    """The subscriptions of one workspace."""

    def load_subscriptions(self) -> Mapping[SubscriptionKey, Subscription]:
        """Give all subscriptions by key."""
        ...

    def load_subscription(self, key: SubscriptionKey) -> Subscription | None:
        """Give one subscription."""
        ...

    def list_subscriptions(
        self, *, after: str, limit: int, account: AccountKey | None = None
    ) -> tuple[Subscription, ...]:
        """Give subscriptions by key, behind ``after`` (empty: from the first)."""
        ...

    def save_subscriptions(self, subscriptions: Iterable[Subscription]) -> None:
        """Insert or replace subscriptions."""
        ...

"""What use cases ask of the store of subscriptions."""

from collections.abc import Iterable, Mapping, Sequence
from typing import Protocol

from tallystick.catalog import ManualLine
from tallystick.kernel import AccountKey, SubscriptionKey
from tallystick.subscriptions import ContractChange, Subscription


class SubscriptionStore(Protocol):
    """The subscriptions of one workspace."""

    def load_subscriptions(self) -> Mapping[SubscriptionKey, Subscription]:
        """Give all subscriptions by key."""
        ...

    def load_subscription(self, key: SubscriptionKey) -> Subscription | None:
        """Give one subscription."""
        ...

    def load_many(self, keys: Iterable[SubscriptionKey]) -> Mapping[SubscriptionKey, Subscription]:
        """Give subscriptions by key; those that there are not are left out."""
        ...

    def load_of_payer(self, payer: AccountKey) -> Mapping[SubscriptionKey, Subscription]:
        """Give by key the subscriptions of all accounts that a payer is invoiced for."""
        ...

    def keys_by_payer(self) -> Mapping[AccountKey, Sequence[SubscriptionKey]]:
        """
        Give the keys of all subscriptions by who pays for them, in order of the keys.

        That is the nearest account at or above the subscriber that is invoiced; the subscriber, if
        none is. Changes of payers are left out.
        """
        ...

    def list_subscriptions(
        self, *, after: str, limit: int, account: AccountKey | None = None
    ) -> tuple[Subscription, ...]:
        """Give subscriptions by key, behind ``after`` (empty: from the first)."""
        ...

    def save_subscriptions(self, subscriptions: Iterable[Subscription]) -> None:
        """Insert subscriptions; of those that stand take the end, and the changes that are new."""
        ...

    def order_line(self, key: SubscriptionKey, line: ManualLine) -> None:
        """Add a line that a person ordered; one that was taken back stands again."""
        ...

    def take_line_back(self, key: SubscriptionKey, line: ManualLine) -> None:
        """Take an ordered line back; its row stays and says so."""
        ...

    def withdraw_change(self, key: SubscriptionKey, change: ContractChange) -> None:
        """Take a change back; its row stays and says so."""
        ...

"""What use cases ask of the store of accounts and resources."""

from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime
from typing import Protocol

from tallystick.accounts import Account, Ownership, Resource
from tallystick.kernel import AccountKey, ResourceKey, SubscriptionKey


class AccountStore(Protocol):
    """Accounts, resources and dated ownership of one workspace."""

    def load_accounts(self) -> Mapping[AccountKey, Account]:
        """Give all accounts by key."""
        ...

    def load_gathering(self) -> Mapping[AccountKey, Account]:
        """Give by key the accounts that declare how their documents come together."""
        ...

    def load_resources(self) -> Mapping[ResourceKey, Resource]:
        """Give all resources by key."""
        ...

    def load_ownerships(self, *accounts: AccountKey) -> tuple[Ownership, ...]:
        """Give what `spans_of` needs for each of these accounts; for all, if none is named."""
        ...

    def load_account(self, key: AccountKey) -> Account | None:
        """Give one account."""
        ...

    def load_resource(self, key: ResourceKey) -> Resource | None:
        """Give one resource."""
        ...

    def list_accounts(
        self, *, after: str, limit: int, only: AccountKey | None = None
    ) -> tuple[Account, ...]:
        """Give accounts by key, behind ``after`` (empty: from the first)."""
        ...

    def list_resources(
        self, *, after: str, limit: int, account: AccountKey | None = None
    ) -> tuple[Resource, ...]:
        """Give resources by key, behind ``after``; of an account: those it owns at any time."""
        ...

    def save_accounts(self, accounts: Iterable[Account]) -> None:
        """Insert or replace accounts."""
        ...

    def save_resources(self, resources: Iterable[Resource]) -> None:
        """Insert or replace resources with their ownerships."""
        ...


class PayerStore(Protocol):
    """Who pays for which contracts of one workspace, where that was declared to change."""

    def moving(self) -> tuple[AccountKey, ...]:
        """Return the accounts that declare changes of their payer."""
        ...

    def begun_below(
        self, accounts: Iterable[AccountKey]
    ) -> Sequence[tuple[SubscriptionKey, AccountKey, datetime]]:
        """Return the contracts of accounts and of all below: key, subscriber, beginning."""
        ...

    def billed(
        self, contracts: Iterable[SubscriptionKey]
    ) -> Mapping[SubscriptionKey, frozenset[AccountKey]]:
        """Return by contract to whom documents of it were issued; none of one that has none."""
        ...

"""What a billing run asks of a store that gathers the drafts of many contracts."""

from collections.abc import Iterable, Mapping
from typing import Protocol

from tallystick.catalog import Subscription
from tallystick.kernel import InvoiceId, SubscriptionKey


class GatheredDrafts(Protocol):
    """
    Drafts of many contracts that a transaction keeps for itself until it is known which are issued.

    Issued they are stored at once, all together, as what they became.

    Attributes:
        contracts: as they stand behind the lock, by key; in the order in which they were named.
    """

    contracts: Mapping[SubscriptionKey, Subscription]

    def forget(self, subscriptions: Iterable[SubscriptionKey]) -> None:
        """Let the documents of contracts be as if nothing had been drafted."""
        ...

    def store(self, *, all_but: Iterable[InvoiceId]) -> None:
        """
        Store the drafts besides these, which will be issued; those that stood before are gone.

        Raises:
            InvariantBroken: as `InvoiceStore.save_drafts`.
        """
        ...

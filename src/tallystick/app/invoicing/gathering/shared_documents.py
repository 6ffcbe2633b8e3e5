"""What is asked of a store about documents of several contracts."""

from collections.abc import Collection
from typing import Protocol

from tallystick.invoicing import Billed
from tallystick.kernel import SubscriptionKey


class SharedDocuments(Protocol):
    """What the contracts on consolidated documents share: their taxes are of the whole."""

    def contracts(self) -> frozenset[SubscriptionKey]:
        """Return all that stand on consolidated documents."""
        ...

    def contracts_with(self, contracts: Collection[SubscriptionKey]) -> frozenset[SubscriptionKey]:
        """Return contracts, and all that stand on consolidated documents with them, drafts too."""
        ...

    def load_billed(self, contracts: Collection[SubscriptionKey]) -> tuple[Billed, ...]:
        """Return the lines issued to these and to `contracts_with` them, in the order of issue."""
        ...

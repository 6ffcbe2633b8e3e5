"""What disputes ask of their store."""

from typing import Protocol

from tallystick.invoicing import Dispute, DisputeEntry, DisputeState
from tallystick.kernel import AccountKey, InvoiceId


class DisputeStore(Protocol):
    """The disputes of one workspace; facts are added and never change."""

    def count(self, invoice: InvoiceId) -> int:
        """Return how many disputes a document has."""
        ...

    def add(self, dispute: Dispute) -> None:
        """Add a dispute with its first entry."""
        ...

    def append(self, dispute: Dispute, entry: DisputeEntry) -> None:
        """Add an entry behind those that the dispute has."""
        ...

    def load(self, id: str) -> Dispute | None:
        """Return a dispute, None if there is none; it stays locked until the commit."""
        ...

    def page(
        self, *, after: str, limit: int, account: AccountKey | None, state: DisputeState | None
    ) -> list[Dispute]:
        """Return disputes by id, those behind ``after``; of one payer or state, or of all."""
        ...

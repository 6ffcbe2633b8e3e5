"""What use cases ask of the store of the journal."""

from collections.abc import Mapping
from datetime import datetime
from typing import Protocol

from tallystick.kernel import EntryId, Money
from tallystick.ledger import Entry


class JournalStore(Protocol):
    """The journal of one workspace: appended to, read, never changed."""

    def post(self, entry: Entry) -> None:
        """
        Add an entry.

        Raises:
            InvariantBroken: it does not balance, or its id stands already.
        """
        ...

    def find(self, id: EntryId) -> Entry | None:
        """Return an entry."""
        ...

    def page(self, *, after: tuple[datetime, str] | None, limit: int) -> list[Entry]:
        """Return entries by effective instant and id, those behind ``after`` (None: the first)."""
        ...

    def balances(self, *, as_of: datetime) -> Mapping[tuple[str, str], Money]:
        """Return the balance of each chart account and currency code, of entries up to then."""
        ...

"""What use cases ask of the store of the journal."""

from collections.abc import Mapping
from datetime import datetime
from typing import Protocol

from tallystick.kernel import EntryId, Money
from tallystick.ledger import AccountingMonth, Entry, PostedEntry


class JournalStore(Protocol):
    """The journal of one workspace: appended to, read, never changed."""

    def hold(self, books: str) -> AccountingMonth | None:
        """
        Keep others from posting to these books, and from locking them, until this commits.

        Whoever posts or locks asks first, and takes no number series after it. Returns the last
        locked month, None while none is.
        """
        ...

    def lock_through(self, books: str, month: AccountingMonth | None) -> None:
        """Lock all months up to one, or none; the books are held."""
        ...

    def post(self, entry: Entry) -> int:
        """
        Add an entry and return its position in its books: one more than the last.

        Raises:
            InvariantBroken: it does not balance, its id stands already, or its month is locked.
        """
        ...

    def find(self, id: EntryId) -> PostedEntry | None:
        """Return an entry."""
        ...

    def page(self, *, after: tuple[datetime, str] | None, limit: int) -> list[PostedEntry]:
        """Return entries by effective instant and id, those behind ``after`` (None: the first)."""
        ...

    def balances(self, *, as_of: datetime) -> Mapping[tuple[str, str], Money]:
        """Return the balance of each chart account and currency code, of entries up to then."""
        ...

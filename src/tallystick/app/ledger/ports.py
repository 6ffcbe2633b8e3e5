"""What use cases ask of the stores of the journal and of deferred revenue."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Protocol

from tallystick.invoicing import Deferral, LineKey
from tallystick.kernel import EntryId, Money
from tallystick.ledger import (
    AccountingMonth,
    AccountQuestion,
    DeferredPart,
    Entry,
    Movement,
    PostedEntry,
    Standpoint,
)


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

    def post_all(self, entries: Sequence[Entry]) -> int:
        """
        Add entries, at least one, to the books of one legal entity; return the last position.

        Raises:
            InvariantBroken: as `post`, or they are of several books.
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


@dataclass(frozen=True, slots=True, kw_only=True)
class Scheduled:
    """What waits for a month: revenue of a price that is not booked as earned yet."""

    month: AccountingMonth
    price: str
    money: Money


class DeferralStore(Protocol):
    """Deferred revenue of one workspace: parts are added and earned, never changed."""

    def load(self, keys: Iterable[LineKey]) -> tuple[Deferral, ...]:
        """Return all that was ever deferred for keys, summed by month."""
        ...

    def add(self, entry: EntryId, deferrals: Sequence[Deferral], *, books: str) -> None:
        """Add what an entry deferred; the books are held."""
        ...

    def add_all(self, deferrals: Mapping[EntryId, Sequence[Deferral]], *, books: str) -> None:
        """Add what entries deferred, each as `add` does."""
        ...

    def due(self, books: str, *, through: AccountingMonth) -> tuple[DeferredPart, ...]:
        """Return what is not booked as earned of the months up to one, by month."""
        ...

    def recognize(self, parts: Sequence[DeferredPart], *, by: EntryId | None) -> None:
        """
        Note that an entry earned parts; None where they add up to nothing.

        Raises:
            InvariantBroken: one of them was earned before.
        """
        ...

    def schedule(self, books: str) -> tuple[Scheduled, ...]:
        """Return what waits by month, price and currency; no zeros."""
        ...


@dataclass(frozen=True, slots=True, kw_only=True)
class JournalExport:
    """
    A range of entries that left under a name.

    Attributes:
        number: 1 for the first of its name and books.
        first: position of its first entry, the one behind the last of the export before.
        last: position of its last entry.
    """

    books: str
    name: str
    number: int
    first: int
    last: int
    exported_at: datetime
    exported_by: str


class JournalReader(Protocol):
    """Questions to the journal of one workspace."""

    def balances(self, seen: Standpoint) -> Mapping[tuple[str, str], Money]:
        """Return the balance of each chart account and currency code that was ever moved."""
        ...

    def opening(self, seen: Standpoint, wanted: AccountQuestion) -> Money:
        """Return the balance of an account before the movements that are listed."""
        ...

    def movements(
        self, seen: Standpoint, wanted: AccountQuestion, *, limit: int
    ) -> tuple[Movement, ...]:
        """Return an account's movements by effective instant and position, at most ``limit``."""
        ...

    def range(self, books: str, *, first: int, last: int) -> Sequence[PostedEntry]:
        """Return the entries of a range of positions, both ends included, in their order."""
        ...

    def accounts(self, books: str, *, through: int) -> frozenset[str]:
        """Return the chart accounts that were moved up to a position."""
        ...

    def last_position(self, books: str) -> int:
        """Return the position of the last entry; 0 in books without one."""
        ...


class JournalExports(Protocol):
    """What was exported; never changed."""

    def of(self, books: str, name: str) -> tuple[JournalExport, ...]:
        """Return the exports of a name by number, which is their place from 1."""
        ...

    def all(self) -> tuple[JournalExport, ...]:
        """Return all exports by books, name and number."""
        ...

    def add(self, export: JournalExport) -> None:
        """Add one; the books are held."""
        ...

"""What a process owes its quotas, besides deciding: done by its keeper, each again and again."""

from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from pathlib import Path

from tallystick.client.errors import RequestRefused, ServerUnreachable
from tallystick.client.local.away import OpenGrants
from tallystick.client.local.desk import LocalDesk
from tallystick.client.local.documents import Documents
from tallystick.client.local.keeping import Chore
from tallystick.client.local.leased import LeasedQuota
from tallystick.client.local.left_behind import tell_left_books
from tallystick.client.local.slice_books import report_books

REFRESHED_MAX = 50
"""So many documents are asked for again at one time."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Upkeep:
    """
    The chores of one process.

    Attributes:
        root: where the places of all processes are.
        told: who hears what was let through while the server was away.
        leased, accounts: what the program uses; it adds to them.
    """

    root: Path
    desk: LocalDesk
    documents: Documents
    document_seconds: float
    told: Callable[[OpenGrants], None] | None
    leased: dict[tuple[str, str], LeasedQuota] = field(default_factory=dict)
    accounts: set[str] = field(default_factory=set)

    def chores(self, *, tick: float, left_behind: float) -> tuple[Chore, ...]:
        """Return what is done, each every so many seconds."""
        return (
            Chore(do=self.renew, every_seconds=0),
            Chore(do=self.refresh, every_seconds=tick),
            Chore(do=self.reconcile, every_seconds=tick),
            Chore(do=self.tell_left_books, every_seconds=left_behind),
        )

    def renew(self) -> None:
        """Take slices that will be needed, report what was spent, and sync the books."""
        problem: ServerUnreachable | RequestRefused | None = None
        leased = list(self.leased.values())
        for each in leased:
            try:
                each.renew()
            except (ServerUnreachable, RequestRefused) as error:
                problem = error
        books = [each.books for each in leased]
        try:
            report_books(books, self.desk)
        finally:
            for book in books:
                book.sync()
        if problem is not None:
            raise problem

    def refresh(self) -> None:
        """Ask again what accounts may use, those first that were not asked for longest."""
        for account in sorted(self.accounts, key=self.documents.said_at)[:REFRESHED_MAX]:
            self.documents.fresh(account, seconds=self.document_seconds)

    def reconcile(self) -> None:
        """Sync and tell what was let through while the server was away."""
        self.desk.sync()
        self._tell(self.desk.reconcile())

    def tell_left_books(self) -> None:
        """Tell the books of processes that are no more."""
        self._tell(tell_left_books(self.root, self.desk))

    def _tell(self, grants: Iterable[OpenGrants]) -> None:
        for each in grants:
            if self.told is not None:
                self.told(each)

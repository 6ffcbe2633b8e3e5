"""
The books of the slices of one leased quota, and what of them the server does not know yet.

A book is opened with its slice and removed once the server has answered for all it says and has
taken back the rest.
"""

import threading
from collections.abc import Sequence
from dataclasses import dataclass
from decimal import Decimal
from pathlib import Path
from typing import Protocol

from tallystick.client.local.book import Book
from tallystick.client.local.slices import Slice
from tallystick.client.local.uses import Head, Use, line_of, report_uses, uses_of
from tallystick.client.quotas import Asked, Consume, Decision


class Desk(Protocol):
    """Whom a leased quota asks, and who keeps what it writes."""

    @property
    def folder(self) -> Path:
        """Return where books stand."""
        ...

    def ask_all(self, asked: Sequence[Asked]) -> Sequence[Decision]:
        """Return the server's decisions; raises `ServerUnreachable`."""
        ...

    def decide(self, asked: Consume) -> Decision:
        """Return the server's decision, or where it is away what is declared for that."""
        ...

    def set_aside(self, path: Path, message: str) -> None:
        """Keep a book that the server refuses for people to look at."""
        ...

    def wake(self) -> None:
        """Let slices be renewed and reported soon."""
        ...


@dataclass(slots=True, kw_only=True)
class _Opened:
    """A book that is written: up to where it is reported, and whether its slice has ended."""

    head: Head
    book: Book
    reported: int
    has_ended: bool = False

    @property
    def is_behind(self) -> bool:
        return self.has_ended or self.reported < self.book.length

    def waiting(self) -> tuple[list[Use], int]:
        """Return the uses that are not reported, and up to where they go."""
        end = self.book.length
        return uses_of(self.book.lines(self.reported, end)), end


class SliceBooks:
    """Books by lease; `lock` is that of the leased quota, held by whoever writes."""

    def __init__(self, desk: Desk, *, lock: threading.Lock) -> None:
        self._desk = desk
        self._lock = lock
        self._reporting = threading.Lock()
        self._opened: dict[str, _Opened] = {}

    def open(self, head: Head) -> None:
        """Begin the book of a slice, before anything is spent of it."""
        book = Book(self._desk.folder / f"{head.lease}.lease")
        book.write(line_of(head))
        self._opened[head.lease] = _Opened(head=head, book=book, reported=book.length)

    def write(self, lease: str, line: bytes) -> None:
        """
        Write down a use.

        Raises:
            BookFull: it cannot be written, and is not to be allowed.
        """
        self._opened[lease].book.write(line)

    def end(self, ended: Sequence[Slice]) -> None:
        """Note slices that are to be given back."""
        for each in ended:
            self._opened[each.lease].has_ended = True

    @property
    def waiting(self) -> Decimal:
        """Return how much was spent and is not reported yet."""
        with self._lock:
            uses = [use for opened in self._opened.values() for use in opened.waiting()[0]]
        return sum((Decimal(use.quantity) for use in uses), Decimal(0))

    def sync(self) -> None:
        """Put on the disk what was written."""
        with self._reporting:
            for opened in list(self._opened.values()):
                opened.book.sync()

    def report(self) -> None:
        """
        Tell the server what was spent, and give back what has ended.

        Raises:
            ServerUnreachable, RequestRefused: the rest is told with the next report.
        """
        with self._reporting:
            for opened in list(self._opened.values()):
                if opened.is_behind:
                    self._report(opened)

    def close(self) -> None:
        """Close the files and leave those that are not reported to whoever comes next."""
        for opened in self._opened.values():
            opened.book.close()

    def _report(self, opened: _Opened) -> None:
        with self._lock:
            uses, end = opened.waiting()
            closes = opened.has_ended
        refused = report_uses(opened.head, uses, close=closes, ask_all=self._desk.ask_all)
        opened.reported = end
        if refused is not None:
            opened.book.sync()
            self._desk.set_aside(opened.book.path, refused.message)
        if closes:
            opened.book.remove()
            with self._lock:
                del self._opened[opened.head.lease]

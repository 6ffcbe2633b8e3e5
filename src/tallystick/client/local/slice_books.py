"""
The books of slices, and what of them the server does not know yet.

A book is opened with its slice and removed once the server has answered for all it says and has
taken back the rest.
"""

import threading
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from decimal import Decimal
from pathlib import Path
from typing import Protocol

from tallystick.client.errors import RequestRefused
from tallystick.client.local.book import Book
from tallystick.client.local.combining import asked_in_halves
from tallystick.client.local.slices import Slice
from tallystick.client.local.uses import (
    Head,
    Use,
    line_of,
    report_of,
    tell_unknown,
    uses_of,
)
from tallystick.client.quotas import REQUESTS_MAX, Asked, Consume, Decision


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

    @property
    def reporting(self) -> threading.Lock:
        """Return the lock of whoever reports."""
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

    def waiting(self) -> list[bytes]:
        """Return the lines that are not reported."""
        return self.book.lines(self.reported, self.book.length)


@dataclass(frozen=True, slots=True, kw_only=True)
class _Due:
    """A part of a book on its way to the server; `end` is up to where the book is told then."""

    books: "SliceBooks"
    opened: _Opened
    uses: list[Use]
    end: int
    closes: bool


class SliceBooks:
    """Books by lease; `lock` is that of the leased quota, held by whoever writes."""

    def __init__(self, desk: Desk, *, lock: threading.Lock) -> None:
        self._desk = desk
        self._lock = lock
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

    def unreported(self) -> Decimal:
        """Return how much was spent and is not reported yet."""
        with self._lock:
            lines = [line for opened in self._opened.values() for line in opened.waiting()]
        return sum((Decimal(use.quantity) for use in uses_of(lines)), Decimal(0))

    def due(self, *, uses_max: int) -> Iterator[_Due]:
        """Yield what the server does not know yet of each book, at most so many uses of each."""
        with self._lock:
            opened = list(self._opened.values())
        for each in opened:
            with self._lock:
                closes = each.has_ended
                waiting = each.waiting()
            lines = waiting[:uses_max]
            if lines or closes:
                yield _Due(
                    books=self,
                    opened=each,
                    uses=uses_of(lines),
                    end=each.reported + sum(len(line) + 1 for line in lines),
                    closes=closes and len(lines) == len(waiting),
                )

    def settle(self, due: _Due, answer: Decision | RequestRefused) -> None:
        """Go on from what the server has answered for; a book that is told and closed goes."""
        refused = tell_unknown(due.opened.head, due.uses, answer, self._desk.ask_all)
        due.opened.reported = due.end
        if refused is not None:
            self._desk.set_aside(due.opened.book.path, refused.message)
        if due.closes:
            with self._lock:
                del self._opened[due.opened.head.lease]
            due.opened.book.remove()

    def sync(self) -> None:
        """Put on the disk what was written."""
        with self._lock:
            opened = list(self._opened.values())
        for each in opened:
            each.book.sync()

    def close(self) -> None:
        """Close the files and leave those that are not reported to whoever comes next."""
        for opened in self._opened.values():
            opened.book.close()


def report_books(books: Sequence[SliceBooks], desk: Desk) -> None:
    """
    Tell the server what was spent of many slices, in few requests, and give back what has ended.

    Raises:
        ServerUnreachable, RequestRefused: the rest is told with the next call.
    """
    with desk.reporting:
        while dues := _gathered(books):
            asked = [report_of(due.opened.head, due.uses, close=due.closes) for due in dues]
            for due, answer in zip(dues, asked_in_halves(asked, desk.ask_all), strict=True):
                due.books.settle(due, answer)


def _gathered(books: Sequence[SliceBooks]) -> list[_Due]:
    """Return what goes into one request."""
    dues: list[_Due] = []
    room = REQUESTS_MAX
    for each in books:
        for due in each.due(uses_max=REQUESTS_MAX):
            if dues and (len(due.uses) > room or len(dues) >= REQUESTS_MAX):
                return dues
            dues.append(due)
            room -= len(due.uses)
    return dues

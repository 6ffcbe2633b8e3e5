"""Uses that were let through while the server was away: written down, told, compared."""

import threading
from collections.abc import Callable, Sequence
from datetime import UTC, datetime
from pathlib import Path

import msgspec

from tallystick.client.local.away import OpenGrants, with_told
from tallystick.client.local.book import Book
from tallystick.client.local.uses import line_of, parts_of, read_open
from tallystick.client.quotas import Asked, Consume, Decision

AskAll = Callable[[Sequence[Asked]], Sequence[Decision]]


class OpenBook:
    """The book in a folder that is written now, and those that are finished."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._lock = threading.Lock()
        self._book: Book | None = None
        self._number = 0

    def write(self, asked: Consume) -> None:
        """
        Write down a use with the instant of now.

        Raises:
            BookFull: it cannot be written, and is not to be let through.
        """
        happened = msgspec.structs.replace(asked, happened=True, time=datetime.now(UTC))
        with self._lock:
            if self._book is None:
                self._number += 1
                self._book = Book(self._folder / f"{self._number:06d}.open")
            self._book.write(line_of(happened))

    def finished(self) -> list[Path]:
        """Return the books to be told, the oldest first; what comes goes into a new one."""
        with self._lock:
            if self._book is not None:
                self._book.close()
                self._book = None
        return sorted(self._folder.glob("*.open"))

    def sync(self) -> None:
        """Put on the disk what was written."""
        with self._lock:
            if self._book is not None:
                self._book.sync()

    def close(self) -> None:
        """Leave the book to whoever comes next."""
        with self._lock:
            if self._book is not None:
                self._book.close()
                self._book = None


def reconcile(path: Path, ask_all: AskAll) -> list[OpenGrants]:
    """
    Tell the server all of a book, and return what it says of it, by account and feature.

    Told again is harmless: ids count once. The comparison of what is told twice is made twice.

    Raises:
        ServerUnreachable, RequestRefused: it may have taken a part.
    """
    sums: dict[tuple[str, str], OpenGrants] = {}
    for part in parts_of(read_open(path)):
        for asked, told in zip(part, ask_all(part), strict=True):
            key = (asked.account, asked.feature)
            before = sums.get(key) or OpenGrants(account=asked.account, feature=asked.feature)
            sums[key] = with_told(before, told, asked.quantity)
    return [sums[key] for key in sorted(sums)]

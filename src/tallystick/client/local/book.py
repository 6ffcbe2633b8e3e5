"""
What was decided without the server, written down before the decision is told.

A book is a file of lines that only grows, mapped into memory: a line is with the operating system
when `write` returns, in a tenth of the time of a system call, and outlives the process however that
ends. `sync` puts it on the disk, where it outlives the machine too. Room is allotted ahead, so that
a full disk refuses before anything is decided. What cannot be written is not decided; and a book
that has reached its bound takes no more, since what is thrown away would never be counted.
"""

import contextlib
import mmap
import os
from collections.abc import Iterator
from pathlib import Path

from tallystick.kernel import TallystickError

BOOK_BYTES_MAX = 64 * 1024 * 1024
_BYTES_FIRST = mmap.PAGESIZE


class BookFull(TallystickError):
    """There is no room to write down what would be decided."""


class Book:
    """One file; whoever uses it from several threads holds a lock of his own."""

    __slots__ = ("_bytes_max", "_descriptor", "_length", "_room", "_synced", "_view", "path")

    def __init__(self, path: Path, *, bytes_max: int = BOOK_BYTES_MAX) -> None:
        """
        Begin a book.

        Raises:
            BookFull: there is no room for its first line.
        """
        self.path = path
        self._bytes_max = bytes_max
        flags = os.O_CREAT | os.O_EXCL | os.O_RDWR | os.O_CLOEXEC
        self._descriptor = os.open(path, flags, 0o600)
        self._length = 0
        self._room = 0
        self._synced = -1
        self._allot(min(_BYTES_FIRST, bytes_max))
        self._view = mmap.mmap(self._descriptor, self._room)

    def write(self, line: bytes) -> None:
        """
        Write a line, which ends with its newline.

        Raises:
            BookFull: the bound is reached, or the disk is full; nothing is written.
        """
        end = self._length + len(line)
        if end > self._room:
            self._grow(end)
        self._view[self._length : end] = line
        self._length = end

    @property
    def length(self) -> int:
        """Return how much is written, in bytes."""
        return self._length

    def lines(self, start: int, end: int) -> list[bytes]:
        """Return the lines between two lengths that the book once had."""
        return self._view[start:end].split(b"\n")[:-1]

    def sync(self) -> None:
        """Put on the disk what was written."""
        length = self._length
        if length == self._synced or self._descriptor < 0:
            return
        os.fsync(self._descriptor)
        if self._synced < 0:
            _sync_directory(self.path.parent)
        self._synced = length

    def remove(self) -> None:
        """Remove the file: the server holds what it said."""
        self.close()
        self.path.unlink(missing_ok=True)

    def close(self) -> None:
        """Leave the file, without the room that is not used."""
        if self._descriptor >= 0:
            self._view.close()
            os.ftruncate(self._descriptor, self._length)
            os.close(self._descriptor)
            self._descriptor = -1

    def _grow(self, end: int) -> None:
        if end > self._bytes_max:
            msg = f"{self.path} has reached its bound of {self._bytes_max} bytes"
            raise BookFull(msg)
        self._allot(min(max(2 * self._room, end), self._bytes_max))
        self._view.resize(self._room)

    def _allot(self, room: int) -> None:
        # A page that has no room on the disk would end the process when it is written to.
        try:
            os.posix_fallocate(self._descriptor, 0, room)
        except OSError as error:
            msg = f"{self.path} cannot be written: {error.strerror}"
            raise BookFull(msg) from error
        self._room = room


def read_lines(path: Path) -> Iterator[bytes]:
    """
    Yield the lines of a book.

    Of what a crash of the machine kept from the disk zeros are left: they are passed over, and what
    begins within them may be torn.
    """
    with contextlib.suppress(FileNotFoundError):
        for line in path.read_bytes().split(b"\n")[:-1]:
            yield line.rpartition(b"\0")[2]


def _sync_directory(directory: Path) -> None:
    descriptor = os.open(directory, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)

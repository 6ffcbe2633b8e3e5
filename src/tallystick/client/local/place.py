"""
Where the processes of one machine keep their books.

    ROOT/
      claims                    locked while a place is made
      documents/                what accounts may use, shared by all
      p-4711-5f0c.../           the place of one process
        lock                    locked for as long as it lives
        *.lease  *.open         its books

A lock ends with the process that holds it, however that ends. Whoever finds a place that nobody
locks may lock it, report its books, and remove it: each is reported by one process at a time.
The folder must be on a file system of this machine.
"""

import contextlib
import fcntl
import os
import secrets
from collections.abc import Iterator
from pathlib import Path

_PREFIX = "p-"


class Place:
    """The folder of one process, locked until it is closed or the process ends."""

    def __init__(self, directory: Path, *, lock: int) -> None:
        self.directory = directory
        self._lock = lock

    def remove(self) -> None:
        """Remove the folder, unless a book is left; unlock it in any case."""
        if not any(self.books("lease")) and not any(self.books("open")):
            (self.directory / "lock").unlink(missing_ok=True)
            with contextlib.suppress(OSError):
                self.directory.rmdir()
        self.unlock()

    def unlock(self) -> None:
        """Leave the books to whoever comes next."""
        if self._lock >= 0:
            os.close(self._lock)
            self._lock = -1

    def books(self, kind: str) -> list[Path]:
        """Return the books of a kind, the oldest first."""
        return sorted(self.directory.glob(f"*.{kind}"), key=lambda path: path.stat().st_mtime_ns)


def claim_place(root: Path) -> Place:
    """Make a place for this process."""
    root.mkdir(parents=True, exist_ok=True, mode=0o700)
    with _claiming(root):
        directory = root / f"{_PREFIX}{os.getpid()}-{secrets.token_hex(8)}"
        directory.mkdir(mode=0o700)
        lock = _locked(directory / "lock")
    if lock is None:
        msg = f"{directory} was locked by another process as soon as it was made"
        raise BlockingIOError(msg)
    return Place(directory, lock=lock)


def left_places(root: Path) -> Iterator[Place]:
    """Yield the places of processes that are no more, each locked; remove or unlock them."""
    for directory in sorted(root.glob(f"{_PREFIX}*")):
        with _claiming(root):
            lock = _locked(directory / "lock")
        if lock is not None:
            yield Place(directory, lock=lock)


@contextlib.contextmanager
def _claiming(root: Path) -> Iterator[None]:
    descriptor = os.open(root / "claims", os.O_CREAT | os.O_RDWR | os.O_CLOEXEC, 0o600)
    try:
        fcntl.flock(descriptor, fcntl.LOCK_EX)
        yield
    finally:
        os.close(descriptor)


def _locked(path: Path) -> int | None:
    """Return a lock on the file, None where another process holds it or the folder is gone."""
    try:
        descriptor = os.open(path, os.O_CREAT | os.O_RDWR | os.O_CLOEXEC, 0o600)
    except FileNotFoundError:
        return None
    try:
        fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        os.close(descriptor)
        return None
    return descriptor

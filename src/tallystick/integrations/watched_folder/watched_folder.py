"""A folder, looked at in rounds: which files are complete, and where they go."""

import hashlib
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from fnmatch import fnmatchcase
from pathlib import Path

import msgspec

from tallystick.integrations.files import Delivered, FileMapping
from tallystick.integrations.sources import Desk, FinishedItem
from tallystick.integrations.watched_folder.finishing import (
    FAILED,
    finished_item,
    send_file,
)

DIGEST_LENGTH = 16
UNFINISHED = (".tmp", ".part", ".partial")

Look = tuple[int, int, int]


@dataclass(slots=True, kw_only=True)
class WatchedFolder:
    """
    The files of a folder.

    Attributes:
        path: the folder.
        pattern: which names are taken.
        settle_seconds: how long a file must stay as it is.
        mapping: how columns become events.
        desk: the server.
        monotonic: seconds of a clock that never jumps.
    """

    path: Path
    pattern: str
    settle_seconds: int
    mapping: FileMapping | None
    desk: Desk
    monotonic: Callable[[], float] = time.monotonic
    finished: dict[tuple[str, str], FinishedItem] = field(default_factory=dict)
    seen: dict[str, tuple[Look, float]] = field(default_factory=dict)

    def remember(self) -> None:
        """Ask the server what was finished before, by this collector or one before it."""
        self.finished = {(item.name, item.version): item for item in self.desk.finished()}

    def round(self) -> int:
        """
        Take every file that is complete, and return how many were finished.

        Raises:
            EngineUnavailable: the server cannot be reached; the file stays where it is.
        """
        taken = 0
        for path in self._complete():
            self._finish(path)
            self.seen.pop(path.name, None)
            taken += 1
        return taken

    def _complete(self) -> Iterator[Path]:
        """Yield complete files, oldest first; forget those that are gone."""
        now = self.monotonic()
        looks = {path.name: _look(path) for path in self.path.iterdir() if self._is_wanted(path)}
        self.seen = {
            name: self.seen[name] if self.seen.get(name, (None, 0))[0] == look else (look, now)
            for name, look in looks.items()
            if look is not None
        }
        for name, (_, since) in sorted(self.seen.items(), key=lambda each: each[1][0][1]):
            if now - since >= self.settle_seconds:
                yield self.path / name

    def _is_wanted(self, path: Path) -> bool:
        name = path.name
        return (
            not name.startswith(".")
            and not name.endswith(UNFINISHED)
            and fnmatchcase(name, self.pattern)
            and path.is_file()
            and not path.is_symlink()
        )

    def _finish(self, path: Path) -> None:
        delivered = Delivered()
        version = _version(path)
        item = self.finished.get((path.name, version))
        if item is None:
            delivered = send_file(path, self.mapping, send=self.desk.send, name=path.name)
            item = finished_item(path.name, version, delivered)
            self.desk.finish(item)
            self.finished[path.name, version] = item
        self._move(path, item, delivered)

    def _move(self, path: Path, item: FinishedItem, delivered: Delivered) -> None:
        folder = self.path / item.status
        folder.mkdir(exist_ok=True)
        target = folder / path.name
        if target.exists():
            digest = item.version.rpartition("-")[2]
            target = folder / f"{path.stem}.{digest}{path.suffix}"
        if item.status == FAILED and delivered.problems:
            report = msgspec.json.format(msgspec.json.encode(delivered.document), indent=2)
            target.with_name(f"{target.name}.report.json").write_bytes(report + b"\n")
        path.replace(target)


def _look(path: Path) -> Look | None:
    """Return what changes when a file is written to: size, time of change, and which file it is."""
    try:
        found = path.stat()
    except FileNotFoundError:  # moved away since it was listed
        return None
    return found.st_size, found.st_mtime_ns, found.st_ino


def _version(path: Path) -> str:
    """Return what names the bytes of a file: their number and sixteen digits of their digest."""
    with path.open("rb") as file:
        digest = hashlib.file_digest(file, "sha256").hexdigest()
        return f"{file.tell()}-{digest[:DIGEST_LENGTH]}"

"""
A folder that is written beside its place, and is there as a whole or not at all.

Until it is done it is ``.NAME.PID.part``, and the one that it replaces ``.NAME.PID.before``.  What
a process left that was killed goes with the next export to the same place.
"""

import hashlib
import os
import re
import shutil
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import IO

import msgspec

from tallystick.cli.exits import Refusal
from tallystick.kernel import Problem

MANIFEST = "manifest.json"
SUMS = "SHA256SUMS"
_PLAIN = frozenset("abcdefghijklmnopqrstuvwxyz0123456789-_.")


class FolderManifest(msgspec.Struct, frozen=True, kw_only=True):
    """
    What a folder says of itself.

    Attributes:
        format: which export wrote it.
        of: what was asked for.
        files: how many there are beside this one and ``SHA256SUMS``.
        bytes: of those files.
        sha256: of ``SHA256SUMS``, which holds the digest of each.
    """

    format: str
    of: dict[str, str]
    files: int
    bytes: int
    sha256: str


@dataclass(slots=True, kw_only=True)
class _Written:
    """A file that is digested while it is written."""

    _file: IO[bytes]
    size: int = 0
    digest: "hashlib._Hash" = field(default_factory=hashlib.sha256)

    def write(self, content: bytes) -> None:
        self._file.write(content)
        self.digest.update(content)
        self.size += len(content)


@dataclass(slots=True, kw_only=True)
class Folder:
    """A folder that is being written; files are of the order in which they are made."""

    _root: Path
    _sums: _Written
    files: int = 0
    size: int = 0

    @contextmanager
    def file(self, name: str) -> Iterator[_Written]:
        """Write a file of the folder, piece by piece."""
        path = self._root / name
        path.parent.mkdir(parents=True, exist_ok=True)
        with path.open("xb") as file:
            written = _Written(_file=file)
            yield written
            _to_disk(file)
        self._sums.write(f"{written.digest.hexdigest()}  {name}\n".encode())
        self.files += 1
        self.size += written.size

    def put(self, name: str, content: bytes) -> None:
        """Write a file of the folder at once."""
        with self.file(name) as file:
            file.write(content)


def name_of(key: str) -> str:
    """
    Return the name of a file for a key: one of its own, also where letters count alike.

    Example:
        >>> name_of("acme"), name_of("Acme/eu:1"), name_of("..")
        ('acme', '%41cme%2Feu%3A1', '%2E.')
    """
    told = "".join(one if one in _PLAIN else f"%{ord(one):02X}" for one in key)
    return f"%2E{told[1:]}" if told.startswith(".") else told


@contextmanager
def new_folder(
    target: Path,
    *,
    kind: str,
    of: Mapping[str, str],
    replace: bool,
) -> Iterator[Folder]:
    """
    Lend a folder to be written; it takes its place when that ended well.

    Args:
        target: where it is to be.
        kind: the format, of which export.
        of: what is asked for.
        replace: whether an older export of the same format gives way to it.

    Raises:
        Refusal: something else is there, or an export that is not to be replaced.
    """
    _clear_away(target)
    _check_free(target, kind, replace=replace)
    target.parent.mkdir(parents=True, exist_ok=True)
    fresh = target.with_name(f".{target.name}.{os.getpid()}.part")
    fresh.mkdir()
    try:
        with (fresh / SUMS).open("xb") as sums:
            folder = Folder(_root=fresh, _sums=_Written(_file=sums))
            yield folder
            _to_disk(sums)
        manifest = FolderManifest(
            format=kind,
            of=dict(of),
            files=folder.files,
            bytes=folder.size,
            sha256=folder._sums.digest.hexdigest(),  # noqa: SLF001 - of this module
        )
        with (fresh / MANIFEST).open("xb") as file:
            file.write(msgspec.json.format(msgspec.json.encode(manifest), indent=2) + b"\n")
            _to_disk(file)
        _take_place(fresh, target)
    finally:
        shutil.rmtree(fresh, ignore_errors=True)


def _clear_away(target: Path) -> None:
    """Remove what killed exports left, and put back what the last of them was replacing."""
    left = re.compile(rf"\.{re.escape(target.name)}\.([0-9]+)\.(part|before)")
    beside = sorted(target.parent.iterdir()) if target.parent.is_dir() else []
    for one in beside:
        match = left.fullmatch(one.name)
        if match is None or _is_alive(int(match[1])):
            continue
        if match[2] == "before" and not target.exists():
            one.rename(target)
        else:
            shutil.rmtree(one, ignore_errors=True)


def _is_alive(process: int) -> bool:
    """Tell whether another process has this number now."""
    if process == os.getpid():
        return False
    try:
        os.kill(process, 0)
    except (ProcessLookupError, OverflowError):
        return False
    except PermissionError:
        return True
    return True


def _check_free(target: Path, kind: str, *, replace: bool) -> None:
    if not target.exists() or (target.is_dir() and not any(target.iterdir())):
        return
    if _format_of(target) != kind:
        message = f"{target} holds something else, which is not replaced; name another folder"
        raise Refusal([Problem(code="exists", message=message, field="folder")])
    if not replace:
        message = f"{target} holds an export already; --replace replaces it"
        raise Refusal([Problem(code="exists", message=message, field="folder")])


def _format_of(target: Path) -> str:
    try:
        content = (target / MANIFEST).read_bytes()
        return msgspec.json.decode(content, type=FolderManifest).format
    except (OSError, msgspec.MsgspecError):
        return ""


def _take_place(fresh: Path, target: Path) -> None:
    """Move the new folder to its place; what was there is gone once the new one is there."""
    before = fresh.with_suffix(".before")
    if target.exists():
        target.rename(before)
    try:
        fresh.rename(target)
    except OSError:
        if before.exists():
            before.rename(target)
        raise
    shutil.rmtree(before, ignore_errors=True)


def _to_disk(file: IO[bytes]) -> None:
    file.flush()
    os.fsync(file.fileno())

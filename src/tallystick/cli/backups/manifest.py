"""What a backup says of itself."""

import hashlib
from collections.abc import Iterable
from datetime import datetime
from pathlib import Path

import msgspec

from tallystick.cli.exits import Refusal
from tallystick.kernel import Problem

FORMAT = "tallystick.backup/1"
FILE_NAME = "backup.json"
SEGMENTS = "log"
CLUSTER = "postgres"
SECRET = "secret"  # noqa: S105 - the name of a file
BLOCK_BYTES = 1024 * 1024


class CopiedFile(msgspec.Struct, frozen=True, kw_only=True):
    """A file of the log in the backup."""

    name: str
    bytes: int
    sha256: str


class BackupManifest(msgspec.Struct, frozen=True, kw_only=True):
    """
    The content of `backup.json`.

    Attributes:
        format: of the backup.
        version: of the program that took it.
        data_format: of the data directory.
        taken_at: when it was begun.
        last_position: every event up to this position is in it.
        postgres: whether the cluster is in it; not, where PostgreSQL is a server elsewhere.
        files: those of the log.
    """

    format: str
    version: str
    data_format: str
    taken_at: datetime
    last_position: int
    postgres: bool
    files: tuple[CopiedFile, ...]


def copied_file(path: Path) -> CopiedFile:
    state = hashlib.sha256()
    with path.open("rb") as file:
        while block := file.read(BLOCK_BYTES):
            state.update(block)
    return CopiedFile(name=path.name, bytes=path.stat().st_size, sha256=state.hexdigest())


def read_manifest(backup: Path) -> BackupManifest:
    """
    Return the manifest of a backup.

    Raises:
        Refusal: there is none, it is of another program, or it names files elsewhere.
    """
    path = backup / FILE_NAME
    try:
        manifest = msgspec.json.decode(path.read_bytes(), type=BackupManifest)
    except (OSError, msgspec.DecodeError) as error:
        message = f"{backup} is no backup: {path} cannot be read ({error})"
        raise Refusal([Problem(code="not_a_backup", message=message)]) from error
    if manifest.format != FORMAT:
        message = f"{backup} is of format {manifest.format}; restore it with the newer program"
        raise Refusal([Problem(code="other_format", message=message)])
    for file in manifest.files:
        if Path(file.name).name != file.name:
            message = (
                f"{path} names {file.name!r}, which is no file of a log; it was not made by us"
            )
            raise Refusal([Problem(code="not_a_backup", message=message)])
    return manifest


def require_whole(backup: Path, files: Iterable[CopiedFile]) -> None:
    """
    Compare every file of the log with the manifest.

    Raises:
        Refusal: files that are missing or differ.
    """
    problems = []
    for expected in files:
        path = backup / SEGMENTS / expected.name
        if not path.is_file():
            problems.append(Problem(code="missing", message=f"{path} is missing"))
        elif copied_file(path) != expected:
            message = f"{path} is not what was backed up; take another copy of the backup"
            problems.append(Problem(code="changed", message=message))
    if problems:
        raise Refusal(problems)

"""
Takes a backup while everything runs.

PostgreSQL first, the log after it: what PostgreSQL knows of the log (positions on invoices, sealed
segments) is then always in the copy of the log. The log only grows, so a copy of its files in order
is a beginning of it; an append under way at the very end is cut off by the next opening. ClickHouse
is not in the backup, since it is made of the log.
"""

import importlib.metadata
import os
import shutil
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from datetime import UTC, datetime
from pathlib import Path

import msgspec

from tallystick.bootstrap import LOG_LOCK, DataDirectory, DirectoryUnusable, Settings
from tallystick.cli.backups.manifest import (
    CLUSTER,
    FILE_NAME,
    FORMAT,
    SECRET,
    SEGMENTS,
    BackupManifest,
    CopiedFile,
    copied_file,
)
from tallystick.cli.exits import Refusal
from tallystick.kernel import Problem
from tallystick.storage.log import is_broken_off, scan_segment, sealed_path, segments
from tallystick.storage.postgres import EmbeddedPostgres, base_backup


def take_backup(settings: Settings, target: Path) -> BackupManifest:
    """
    Write a backup of a data directory into a new or empty folder.

    Raises:
        Refusal: there is nothing to back up, or the folder holds something.
        EngineUnavailable: PostgreSQL cannot be copied.
    """
    directory = DataDirectory(root=settings.data.resolve())
    version = directory.root / "VERSION"
    if not version.exists():
        message = f"{directory.root} holds no installation; name another with --data"
        raise Refusal([Problem(code="nothing_here", message=message)])
    require_empty(target)
    taken_at = datetime.now(UTC)
    target.mkdir(parents=True, exist_ok=True, mode=0o700)
    target.chmod(0o700)
    embedded = settings.postgres_url is None
    # What a removal of usage seals in PostgreSQL and takes out of the log must not part.
    with _unchanged_log(directory):
        if embedded:
            with _running_postgres(directory):
                base_backup(directory.postgres, (target / CLUSTER).resolve())
        files, last_position = _copy_log(directory, target)
    if (directory.root / SECRET).exists():
        shutil.copy2(directory.root / SECRET, target / SECRET)
    manifest = BackupManifest(
        format=FORMAT,
        version=importlib.metadata.version("tallystick"),
        data_format=version.read_text(encoding="ascii").strip(),
        taken_at=taken_at,
        last_position=last_position,
        postgres=embedded,
        files=files,
    )
    _write_durably(target / FILE_NAME, msgspec.json.format(msgspec.json.encode(manifest)))
    return manifest


def require_empty(target: Path) -> None:
    """
    Refuse a folder that holds anything.

    Raises:
        Refusal: it does, or it is no folder.
    """
    if not target.exists() or (target.is_dir() and not any(target.iterdir())):
        return
    message = f"{target} is not an empty folder; name a new one"
    raise Refusal([Problem(code="not_empty", message=message)])


@contextmanager
def _unchanged_log(directory: DataDirectory) -> Iterator[None]:
    """
    Keep usage from being removed for as long.

    Raises:
        Refusal: it is being removed, or another backup is taken.
    """
    with ExitStack() as stack:
        try:
            stack.enter_context(directory.locked(LOG_LOCK))
        except DirectoryUnusable as error:
            message = "usage is being removed, or another backup is taken; try again when it ended"
            raise Refusal([Problem(code="busy", message=message)]) from error
        if is_broken_off(directory.segments):
            message = "a removal of usage was broken off; start tallystick once, then try again"
            raise Refusal([Problem(code="busy", message=message)])
        yield


@contextmanager
def _running_postgres(directory: DataDirectory) -> Iterator[None]:
    """Use the server that runs; where nothing runs on the directory, start one for the copy."""
    try:
        with directory.locked(), EmbeddedPostgres(directory.postgres):
            yield
    except DirectoryUnusable:
        yield


def _copy_log(directory: DataDirectory, target: Path) -> tuple[tuple[CopiedFile, ...], int]:
    copy = target / SEGMENTS
    copy.mkdir(mode=0o700)
    copied: list[CopiedFile] = []
    last: Path | None = None
    for segment in segments(directory.segments):
        sealed = sealed_path(segment)
        is_sealed = sealed.exists()
        last = copy / segment.name
        copied.append(_copied(segment, last))
        if is_sealed:
            copied.append(_copied(sealed, copy / sealed.name))
    return tuple(copied), 0 if last is None else scan_segment(last).last_position


def _copied(source: Path, target: Path) -> CopiedFile:
    shutil.copyfile(source, target)
    with target.open("rb") as file:
        os.fsync(file.fileno())
    return copied_file(target)


def _write_durably(path: Path, content: bytes) -> None:
    with path.open("wb") as file:
        file.write(content)
        file.flush()
        os.fsync(file.fileno())

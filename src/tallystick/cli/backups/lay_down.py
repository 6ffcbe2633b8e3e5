"""
Lays a backup down in an empty data directory.

The next start does the rest: PostgreSQL recovers from its write-ahead log, the log cuts off an
append that the copy caught half done, and ClickHouse is loaded from the log.
"""

import shutil
from pathlib import Path

from tallystick.bootstrap import DataDirectory
from tallystick.cli.backups.manifest import (
    CLUSTER,
    SECRET,
    SEGMENTS,
    BackupManifest,
    read_manifest,
    require_whole,
)
from tallystick.cli.backups.take import require_empty
from tallystick.storage.postgres import lay_down, verify_base_backup


def restore_backup(backup: Path, data: Path) -> BackupManifest:
    """
    Make a data directory of a backup.

    Raises:
        Refusal: the backup is none, or damaged; or the data directory holds something.
        EngineUnavailable: the copy of PostgreSQL is damaged or cannot be laid down.
    """
    manifest = read_manifest(backup)
    require_empty(data)
    require_whole(backup, manifest.files)
    directory = DataDirectory(root=data.resolve())
    directory.root.mkdir(parents=True, exist_ok=True)
    if manifest.postgres:
        verify_base_backup(directory.postgres, (backup / CLUSTER).resolve())
        lay_down((backup / CLUSTER).resolve(), directory.postgres)
    if (backup / SECRET).exists():
        shutil.copy2(backup / SECRET, directory.root / SECRET)
    _lay_down_log(backup, directory, manifest)
    (directory.root / "VERSION").write_text(f"{manifest.data_format}\n", encoding="ascii")
    return manifest


def _lay_down_log(backup: Path, directory: DataDirectory, manifest: BackupManifest) -> None:
    """Copy the log aside first: nothing starts on a directory whose restore was broken off."""
    log = directory.segments.parent
    aside = log.with_name(f"{log.name}.partial")
    aside.mkdir(mode=0o700)
    (aside / directory.segments.name).mkdir()
    for file in manifest.files:
        target = aside / directory.segments.name / file.name
        shutil.copyfile(backup / SEGMENTS / file.name, target)
        target.chmod(0o600)
    aside.rename(log)

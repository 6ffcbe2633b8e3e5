"""Backups of a data directory, and what is made of them."""

from tallystick.cli.backups.command import backup, restore
from tallystick.cli.backups.lay_down import restore_backup
from tallystick.cli.backups.manifest import BackupManifest
from tallystick.cli.backups.take import take_backup

__all__ = ["BackupManifest", "backup", "restore", "restore_backup", "take_backup"]

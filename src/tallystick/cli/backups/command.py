"""`tallystick backup` and `tallystick restore`."""

from pathlib import Path
from typing import Annotated

from cyclopts import Parameter

from tallystick.cli.backups.lay_down import restore_backup
from tallystick.cli.backups.take import take_backup
from tallystick.cli.connection import DATA_HELP, HERE, Session
from tallystick.cli.output import TEXT, Output
from tallystick.kernel import counted


def backup(target: Path, /, *, session: Session = HERE) -> None:
    """
    Back up a data directory into a new folder, while everything runs.

    It holds PostgreSQL with its write-ahead log, every acknowledged event, and the secret that
    recognizes repeats. ClickHouse is made of the log again. Keep the folder as safe as the data.

    For example:

        tallystick backup /backups/2026-01-31

    Args:
        target: Folder to be written; it must not hold anything.
        session: Which data directory is backed up, and how the answer is written.
    """
    manifest = take_backup(session.settings(), target)
    size = sum(file.bytes for file in manifest.files)
    session.answer(
        manifest,
        f"{target}: every event up to position {manifest.last_position} "
        f"({counted(f'{size:,}', 'byte')} of log)" + (", PostgreSQL" if manifest.postgres else ""),
        *([] if manifest.postgres else ["PostgreSQL is a server of its own: back it up there"]),
    )


def restore(
    source: Path,
    /,
    *,
    to: Annotated[Path, Parameter(name=["--to", "--data"], help=DATA_HELP)],
    output: Output = TEXT,
) -> None:
    """
    Restore a backup into an empty data directory; start it with `up`.

    For example:

        tallystick restore /backups/2026-01-31 --to /srv/tallystick
        tallystick up --data /srv/tallystick

    Args:
        source: Folder of the backup.
        to: The data directory; it must not hold anything.
        output: How the answer is written.
    """
    manifest = restore_backup(source, to)
    output.answer(
        manifest,
        f"{to}: every event up to position {manifest.last_position}, as of {manifest.taken_at}",
        f"start it with: tallystick up --data {to}",
    )

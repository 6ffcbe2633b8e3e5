"""
Copies of a cluster: taken while the server runs, checked, and laid down again.

A base backup is PostgreSQL's own: all files and the write-ahead log of the time it took, with a
manifest of checksums, consistent without stopping anybody. Laid down in a server directory, the
next start recovers it.
"""

import os
import shutil
import subprocess
from pathlib import Path

from tallystick.kernel import EngineUnavailable
from tallystick.storage.postgres.embedded.binaries import place_binaries
from tallystick.storage.postgres.embedded.cluster import SUPERUSER
from tallystick.storage.postgres.embedded.server import EmbeddedPostgres
from tallystick.storage.postgres.embedded.server_user import server_environment, server_user


def base_backup(directory: Path, target: Path) -> None:
    """
    Copy the cluster of a server that runs in a directory into a folder that does not exist yet.

    Raises:
        EngineUnavailable: no server answers there, or the copy fails; the message says why.
    """
    uri = EmbeddedPostgres(directory).uri(SUPERUSER, database="postgres")
    _run(directory, "pg_basebackup", f"--dbname={uri}", f"--pgdata={target}", "--checkpoint=fast")


def verify_base_backup(directory: Path, backup: Path) -> None:
    """
    Compare a copy with the checksums in its manifest.

    Args:
        directory: a server directory; its programs are used, the server need not run.
        backup: the copy.

    Raises:
        EngineUnavailable: a file is missing or differs.
    """
    _run(directory, "pg_verifybackup", "--exit-on-error", "--quiet", str(backup))


def lay_down(backup: Path, directory: Path) -> None:
    """
    Make a copy the cluster of a server directory that has none; the next start recovers it.

    Raises:
        EngineUnavailable: the directory cannot belong to the server's user, or the copy holds links
            to elsewhere, which would be given to that user.
    """
    linked = next((path for path in backup.rglob("*") if path.is_symlink()), None)
    if linked is not None:
        message = f"{linked} is a link; a copy of ours holds none: restore another one"
        raise EngineUnavailable(message)
    user = server_user()
    user.make_folder(directory)
    cluster = directory / "data"
    shutil.copytree(backup, cluster, symlinks=True)
    for path in (cluster, *cluster.rglob("*")):
        path.chmod(0o700 if path.is_dir() else 0o600)
        if user.other:
            os.chown(path, user.uid, user.gid)


def _run(directory: Path, program: str, *arguments: str) -> None:
    """Run a program of the server's release as ourselves: the copy belongs to whoever takes it."""
    binaries = place_binaries(directory.resolve(), server_user())
    done = subprocess.run(  # noqa: S603 (our own binaries, no shell)
        [binaries.program(program), *arguments],
        env=server_environment(),
        capture_output=True,
        check=False,
        text=True,
    )
    if done.returncode != 0:
        raise EngineUnavailable(f"{program}: {done.stderr.strip() or 'failed'}")

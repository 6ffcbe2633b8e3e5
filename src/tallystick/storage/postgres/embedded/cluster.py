"""The cluster on disk: made whole or not at all, of our major version, open to our users only."""

import shutil
from pathlib import Path

from tallystick.kernel import EngineUnavailable
from tallystick.storage.postgres.embedded.binaries import Binaries
from tallystick.storage.postgres.embedded.server_user import ServerUser

SUPERUSER = "postgres"


def make_cluster(cluster: Path, binaries: Binaries, *, user: ServerUser, durable: bool) -> None:
    """
    Make a cluster, in a folder aside, so that one half made is never taken for whole.

    Raises:
        EngineUnavailable: initdb fails; its words stand in the message.
    """
    aside = cluster.with_suffix(".partial")
    shutil.rmtree(aside, ignore_errors=True)
    command = [binaries.program("initdb"), "-D", str(aside), "-U", SUPERUSER]
    command += ["-E", "UTF8", "--no-locale", "--data-checksums", "--auth=peer"]
    command += [] if durable else ["--no-sync"]
    done = user.run(command, folder=cluster.parent)
    if done.returncode != 0:
        message = f"PostgreSQL cannot make a cluster in {aside}: {done.stderr.strip()}"
        raise EngineUnavailable(message)
    aside.rename(cluster)


def require_major(cluster: Path, binaries: Binaries) -> None:
    """
    Refuse a cluster that these programs cannot read.

    Raises:
        EngineUnavailable: it is of another major version; the message says what to do.
    """
    major = (cluster / "PG_VERSION").read_text().strip()
    if major != str(binaries.major):
        message = (
            f"the cluster in {cluster} is of PostgreSQL {major}, this installation "
            f"brings {binaries.major}: dump it with the old release and load it with this one"
        )
        raise EngineUnavailable(message)


def let_in(cluster: Path, user: ServerUser) -> None:
    """Let the server's user and ours in as any role, and nobody else."""
    people = "".join(
        f'tallystick "{name}" all\n' for name in dict.fromkeys((user.name, user.client))
    )
    (cluster / "pg_ident.conf").write_text(people)
    ways = "local all all peer map=tallystick\nlocal replication all peer map=tallystick\n"
    (cluster / "pg_hba.conf").write_text(ways)

"""Where the engines are: the embedded ones below the data directory, or the servers of the URLs."""

from psycopg.conninfo import make_conninfo

from tallystick.bootstrap.data_directory import DataDirectory
from tallystick.bootstrap.settings import Settings
from tallystick.storage.postgres import EmbeddedPostgres

OWNER_ROLE = "tallystick_owner"
APP_ROLE = "tallystick_app"
RUNNER_ROLE = "tallystick_runner"


def postgres_uri(settings: Settings, role: str) -> str:
    """
    Return the address at which a role of ours connects.

    A given URL names the owner; the other roles connect to the same server and database, with the
    same password or with what a password file says.
    """
    if settings.postgres_url is None:
        return EmbeddedPostgres(DataDirectory(root=settings.data).postgres).uri(role)
    if role == OWNER_ROLE:
        return settings.postgres_url
    return make_conninfo(settings.postgres_url, user=role)


def clickhouse_url(settings: Settings) -> str:
    """Return the address of ClickHouse: a server's, or chDB below the data directory."""
    if settings.clickhouse_url is not None:
        return settings.clickhouse_url
    return f"chdb://{DataDirectory(root=settings.data).clickhouse}"

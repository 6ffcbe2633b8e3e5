"""A real PostgreSQL server as our own child process."""

from tallystick.storage.postgres.embedded.base_backup import (
    base_backup,
    lay_down,
    verify_base_backup,
)
from tallystick.storage.postgres.embedded.cluster import SUPERUSER
from tallystick.storage.postgres.embedded.server import DATABASE, OWNER, EmbeddedPostgres
from tallystick.storage.postgres.embedded.sizing import ServerSizing

__all__ = [
    "DATABASE",
    "OWNER",
    "SUPERUSER",
    "EmbeddedPostgres",
    "ServerSizing",
    "base_backup",
    "lay_down",
    "verify_base_backup",
]

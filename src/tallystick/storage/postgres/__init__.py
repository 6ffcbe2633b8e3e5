"""PostgreSQL: the embedded server, the schema, the units of work and their stores."""

from tallystick.storage.postgres.embedded import (
    DATABASE,
    OWNER,
    EmbeddedPostgres,
    ServerSizing,
    base_backup,
    lay_down,
    verify_base_backup,
)
from tallystick.storage.postgres.migrate import current_revision, head_revision, migrate
from tallystick.storage.postgres.pool import Pool, open_pool
from tallystick.storage.postgres.unit_of_work import PostgresRunnerUnitOfWork, PostgresUnitOfWork

__all__ = [
    "DATABASE",
    "OWNER",
    "EmbeddedPostgres",
    "Pool",
    "PostgresRunnerUnitOfWork",
    "PostgresUnitOfWork",
    "ServerSizing",
    "base_backup",
    "current_revision",
    "head_revision",
    "lay_down",
    "migrate",
    "open_pool",
    "verify_base_backup",
]

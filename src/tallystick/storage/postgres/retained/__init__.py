"""How long usage is kept, what was removed of it, and what was sealed in its place."""

from tallystick.storage.postgres.retained.erasures import PostgresErasures
from tallystick.storage.postgres.retained.personal import PostgresPersonal
from tallystick.storage.postgres.retained.removals import PostgresRemovals
from tallystick.storage.postgres.retained.retention import PostgresRetention
from tallystick.storage.postgres.retained.sealed import PostgresSealed

__all__ = [
    "PostgresErasures",
    "PostgresPersonal",
    "PostgresRemovals",
    "PostgresRetention",
    "PostgresSealed",
]

"""
Brings a database to the schema of this code, and refuses one that is ahead of it.

Alembic and what it stands on are loaded when they are used: most processes never migrate.
"""

from collections.abc import Iterator
from contextlib import contextmanager
from importlib import import_module
from pathlib import Path
from typing import TYPE_CHECKING, Any

import psycopg

if TYPE_CHECKING:
    from alembic.script import ScriptDirectory
    from sqlalchemy import Connection

from tallystick.kernel import EngineUnavailable, check

_FOLDER = Path(__file__).parent / "migrations"
_LOCK = 0x7461_6C6C_79  # "tally": one migration at a time in a database
_LOCK_TIMEOUT_SECONDS = 30


def head_revision() -> str:
    """Return the newest revision that this code knows."""
    head = _scripts().get_current_head()
    check(head is not None, "there is no migration")
    return str(head)


def current_revision(uri: str) -> str | None:
    """Return the revision of a database; ``None`` if it was never migrated."""
    with _connection(uri) as connection:
        return _revision(connection)


def migrate(uri: str, *, to: str = "head") -> str:
    """
    Apply what is missing, in one transaction, and return the revision reached.

    Connect as the owner. A database already there is left alone; concurrent calls take turns.
    ``to`` stops at an earlier revision, for tests of what the next ones make of earlier rows.

    Raises:
        EngineUnavailable: the database cannot be reached, or was migrated by a newer release.
    """
    with _connection(uri) as connection:
        connection.exec_driver_sql(f"SET LOCAL lock_timeout = '{_LOCK_TIMEOUT_SECONDS}s'")
        connection.exec_driver_sql(f"SELECT pg_advisory_xact_lock({_LOCK})")
        _require_known(_revision(connection))
        config = import_module("alembic.config").Config()
        config.set_main_option("script_location", str(_FOLDER).replace("%", "%%"))
        config.attributes["connection"] = connection
        import_module("alembic.command").upgrade(config, to)
        connection.commit()
    return head_revision() if to == "head" else to


def _require_known(revision: str | None) -> None:
    known = {script.revision for script in _scripts().walk_revisions()}
    if revision is not None and revision not in known:
        message = (
            f"the database is at revision {revision}, newer than {head_revision()} of this "
            "installation: install the release that wrote it, or restore a backup made before"
        )
        raise EngineUnavailable(message)


def _scripts() -> "ScriptDirectory":
    scripts: ScriptDirectory = import_module("alembic.script").ScriptDirectory(str(_FOLDER))
    return scripts


def _revision(connection: "Connection") -> str | None:
    found = connection.exec_driver_sql("SELECT to_regclass('alembic_version')").scalar_one()
    if found is None:
        return None
    revision = connection.exec_driver_sql("SELECT version_num FROM alembic_version").scalar()
    return None if revision is None else str(revision)


@contextmanager
def _connection(uri: str) -> "Iterator[Connection]":
    sqlalchemy: Any = import_module("sqlalchemy")

    def connect() -> psycopg.Connection:
        try:
            return psycopg.connect(uri, connect_timeout=10)
        except psycopg.OperationalError as error:
            raise EngineUnavailable(f"PostgreSQL cannot be reached: {error}") from error

    engine = sqlalchemy.create_engine(
        "postgresql+psycopg://", creator=connect, poolclass=sqlalchemy.NullPool
    )
    with engine.connect() as connection:
        yield connection
    engine.dispose()

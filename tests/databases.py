"""
PostgreSQL for tests: one server a session, one migrated template, one clone a test.

Tests connect as the app role, so that row level security holds for them too. Where
TALLYSTICK_TEST_POSTGRES_URL names a server (as a superuser of it), that one is used.
"""

import os
import secrets
import shutil
import tempfile
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from urllib.parse import parse_qsl, quote, urlencode, urlsplit, urlunsplit

import psycopg
import pytest
from psycopg import sql

from tallystick.kernel import WorkspaceId
from tallystick.storage.postgres import (
    OWNER,
    EmbeddedPostgres,
    Pool,
    PostgresRunnerUnitOfWork,
    PostgresUnitOfWork,
    ServerSizing,
    migrate,
    open_pool,
)

WORKSPACE = WorkspaceId("test")
OTHER_WORKSPACE = WorkspaceId("other")
_TEMPLATE = "tallystick_template"
_PLACE_BYTES_MIN = 2 * 1024**3


@dataclass(frozen=True, slots=True)
class Cluster:
    """A PostgreSQL server: gives addresses, makes and drops databases."""

    address: Callable[[str, str], str]  # of a role and a database
    keeper: psycopg.Connection  # of the superuser, outside of any transaction

    def execute(self, statement: sql.Composed) -> None:
        """Run a statement as the superuser, outside of any transaction."""
        self.keeper.execute(statement)

    def create(self, name: str, *, template: str = "template1") -> None:
        """
        Create a database owned by the owner role.

        Its files are copied, which takes two thirds of the time of going through the write-ahead
        log, where nothing waits for a disk.
        """
        statement = sql.SQL("CREATE DATABASE {} TEMPLATE {} OWNER {} STRATEGY file_copy")
        self.execute(statement.format(*map(sql.Identifier, (name, template, OWNER))))

    def drop(self, name: str) -> None:
        """Drop a database with whoever is connected."""
        statement = sql.SQL("DROP DATABASE IF EXISTS {} WITH (FORCE)")
        self.execute(statement.format(sql.Identifier(name)))


@dataclass(frozen=True, slots=True)
class Database:
    """
    A migrated database of this test alone, with the workspaces ``test`` and ``other`` in it.

    ``pool`` connects as the app role, ``runner_pool`` as the runner.
    """

    name: str
    cluster: Cluster
    pool: Pool
    runner_pool: Pool
    workspace: WorkspaceId = field(default=WORKSPACE)

    def uri(self, role: str = "tallystick_app") -> str:
        """Return the address of this database for a role."""
        return self.cluster.address(role, self.name)

    def unit(self, workspace: WorkspaceId = WORKSPACE) -> PostgresUnitOfWork:
        """Return a fresh unit of work, as the app opens it."""
        return PostgresUnitOfWork(self.pool, workspace)

    def runner(self) -> PostgresRunnerUnitOfWork:
        """Return a fresh unit of work of background work."""
        return PostgresRunnerUnitOfWork(self.runner_pool)

    @contextmanager
    def connection(self, role: str = "tallystick_app") -> Iterator[psycopg.Connection]:
        """Yield a bare connection as a role; ``postgres`` goes past row level security."""
        with psycopg.connect(self.uri(role), autocommit=True) as connection:
            yield connection


def is_waiting(database: Database) -> bool:
    """Tell whether a transaction of this database waits for another."""
    question = """
    SELECT count(*) FROM pg_locks AS l JOIN pg_database AS d ON d.oid = l.database
    WHERE NOT l.granted AND d.datname = current_database()
    """
    with database.connection("postgres") as connection:
        row = connection.execute(question).fetchone()
    return row is not None and row[0] > 0


@pytest.fixture(scope="session")
def cluster() -> Iterator[Cluster]:
    """A PostgreSQL server for the whole session."""
    url = os.environ.get("TALLYSTICK_TEST_POSTGRES_URL")
    if url:
        with _kept(lambda role, database: _readdressed(url, role, database)) as found:
            yield found
        return
    folder = Path(tempfile.mkdtemp(prefix="tallystick-test-", dir=quick_place()))
    folder.chmod(0o755)  # the server's user passes through; the server closes its own folder
    sizing = ServerSizing(memory_mib=128, connections_max=100, durable=False)
    try:
        with (
            EmbeddedPostgres(folder / "postgres", sizing=sizing) as server,
            _kept(lambda role, database: server.uri(role, database=database)) as made,
        ):
            yield made
    finally:
        shutil.rmtree(folder)


@pytest.fixture(scope="session")
def template(cluster: Cluster) -> Iterator[str]:
    """A migrated database to clone, with two workspaces."""
    name = f"{_TEMPLATE}_{secrets.token_hex(4)}"
    cluster.create(name)
    migrate(cluster.address(OWNER, name))
    with psycopg.connect(cluster.address("postgres", name)) as connection:
        for workspace in (WORKSPACE, OTHER_WORKSPACE):
            row = (workspace, f"Workspace {workspace}", datetime(2026, 1, 1, tzinfo=UTC))
            connection.execute("INSERT INTO workspace VALUES (%s, 'test', %s, %s)", row)
    yield name
    cluster.drop(name)


@pytest.fixture
def database(cluster: Cluster, template: str) -> Iterator[Database]:
    """A clone of the template for one test, reached as the app role."""
    with lend_database(cluster, template) as database:
        yield database


@contextmanager
def lend_database(cluster: Cluster, template: str) -> Iterator[Database]:
    """Lend a clone of the template."""
    name = f"tallystick_test_{secrets.token_hex(6)}"
    cluster.create(name, template=template)
    try:
        with (
            open_pool(cluster.address("tallystick_app", name), connections_max=16) as pool,
            open_pool(cluster.address("tallystick_runner", name), connections_max=4) as runner,
        ):
            yield Database(name=name, cluster=cluster, pool=pool, runner_pool=runner)
    finally:
        cluster.drop(name)


def quick_place() -> str | None:
    """Return a folder in memory if there is room: clones are made and dropped by the hundred."""
    memory = Path("/dev/shm")  # noqa: S108 (a folder of our own is made in it)
    roomy = memory.is_dir() and shutil.disk_usage(memory).free > _PLACE_BYTES_MIN
    return str(memory) if roomy and os.access(memory, os.W_OK) else None


@contextmanager
def _kept(address: Callable[[str, str], str]) -> Iterator[Cluster]:
    with psycopg.connect(address("postgres", "postgres"), autocommit=True) as keeper:
        yield Cluster(address, keeper)


def _readdressed(url: str, role: str, database: str) -> str:
    """Return the URL with another user and database; a password in it is taken to be of all."""
    parts = urlsplit(url)
    query = dict(parse_qsl(parts.query)) | ({} if role == "postgres" else {"user": role})
    return urlunsplit(parts._replace(path="/" + quote(database), query=urlencode(query)))

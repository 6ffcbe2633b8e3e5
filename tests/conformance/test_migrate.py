"""Migrations bring a database to the head, once, and refuse one that is ahead."""

import secrets
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor

import psycopg
import pytest

from tallystick.kernel import EngineUnavailable
from tallystick.storage.postgres import OWNER, current_revision, head_revision, migrate
from tests.databases import Cluster, Database


@pytest.fixture
def empty(cluster: Cluster) -> Iterator[str]:
    """The address of an empty database, as its owner."""
    name = f"tallystick_empty_{secrets.token_hex(6)}"
    cluster.create(name)
    yield cluster.address(OWNER, name)
    cluster.drop(name)


def test_empty_database_reaches_the_head(empty: str) -> None:
    """An empty database has no revision; migrated, it is at the head; again changes nothing."""
    assert current_revision(empty) is None
    assert migrate(empty) == head_revision() == current_revision(empty)
    assert migrate(empty) == head_revision()


def test_concurrent_migrations_take_turns(empty: str) -> None:
    """Processes that start at once migrate once."""
    with ThreadPoolExecutor(3) as threads:
        assert set(threads.map(migrate, [empty] * 3)) == {head_revision()}


def test_newer_database_is_refused(database: Database) -> None:
    """A database of a newer release is left as it is, and the error says what to do."""
    with database.connection("postgres") as connection:
        connection.execute("UPDATE alembic_version SET version_num = '9999'")
    with pytest.raises(EngineUnavailable, match=r"9999, newer than .*install the release"):
        migrate(database.uri(OWNER))
    assert current_revision(database.uri(OWNER)) == "9999"


def test_app_cannot_migrate(database: Database) -> None:
    """The app role changes no schema."""
    with database.connection() as connection, pytest.raises(psycopg.errors.InsufficientPrivilege):
        connection.execute("CREATE TABLE mine (id integer)")


def test_unreachable_database_is_named() -> None:
    """A server that cannot be reached shows as an unavailable engine."""
    with pytest.raises(EngineUnavailable, match="cannot be reached"):
        current_revision("postgresql:///tallystick?host=/nowhere")

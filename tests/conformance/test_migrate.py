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
def empty_name(cluster: Cluster) -> Iterator[str]:
    """The name of an empty database."""
    name = f"tallystick_empty_{secrets.token_hex(6)}"
    cluster.create(name)
    yield name
    cluster.drop(name)


@pytest.fixture
def empty(cluster: Cluster, empty_name: str) -> str:
    """The address of an empty database, as its owner."""
    return cluster.address(OWNER, empty_name)


def test_empty_database_reaches_the_head(empty: str) -> None:
    """An empty database has no revision; migrated, it is at the head; again changes nothing."""
    assert current_revision(empty) is None
    assert migrate(empty) == head_revision() == current_revision(empty)
    assert migrate(empty) == head_revision()


EARLIER_ENTRY = """
INSERT INTO workspace VALUES ('old', 'live', 'Old', now());
INSERT INTO legal_entity VALUES ('old', 'main', '{"zone": "Europe/Berlin"}');
INSERT INTO invoice (workspace_id, id, document_type, purpose, revision, legal_entity, account,
  subscription, currency, exponent, period_start, period_end, total_minor, position, basis, digest,
  content)
SELECT 'old', 'inv_' || n, 'invoice', 'period', 0, 'main', 'acme', 'acme', 'EUR', 2,
  '2026-01-01'::timestamptz + n * interval '1 month', '2027-01-01', 5, 1, 'b', 'd', ''
FROM generate_series(1, 2) AS n;
INSERT INTO journal_entry (workspace_id, id, effective_at, recorded_at, source) VALUES
  ('old', 'e2', '2026-01-31 23:00Z', '2026-02-02', 'inv_2'),
  ('old', 'e1', '2026-01-31 22:59Z', '2026-02-01', 'inv_1');
"""


def test_earlier_entries_find_their_books(cluster: Cluster, empty_name: str) -> None:
    """Entries of before stand in their issuer's books, by local month and order of recording."""
    owner, superuser = (cluster.address(role, empty_name) for role in (OWNER, "postgres"))
    assert migrate(owner, to="0015") == "0015"
    with psycopg.connect(superuser) as connection:
        connection.execute("SET session_replication_role = replica")
        connection.execute(EARLIER_ENTRY.encode())
    migrate(owner)
    with psycopg.connect(superuser) as connection:
        found = connection.execute(
            "SELECT id, books, position, posted_in::text FROM journal_entry ORDER BY position"
        ).fetchall()
        taken = connection.execute("SELECT legal_entity, last_position FROM accounting_books")
        assert taken.fetchall() == [("main", 2)]
    assert found == [("e1", "main", 1, "2026-01-01"), ("e2", "main", 2, "2026-02-01")]


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

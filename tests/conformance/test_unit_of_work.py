"""A unit of work is one transaction of one workspace, committed once or not at all."""

from datetime import UTC, datetime

import pytest

from tallystick.app.workspaces import Workspace, WorkspaceKind
from tallystick.kernel import EngineUnavailable, Misuse, WorkspaceId
from tallystick.storage.postgres import PostgresUnitOfWork, open_pool
from tests.databases import Database

NEW = WorkspaceId("new")
WORKSPACE = Workspace(
    id=NEW, kind=WorkspaceKind.LIVE, name="New", created_at=datetime(2026, 1, 1, 12, tzinfo=UTC)
)


def test_committed_rows_stay(database: Database) -> None:
    """What was committed is seen by the next unit of work, as it was given."""
    with database.unit(NEW) as uow:
        assert uow.workspaces.add(WORKSPACE)
        uow.commit()
    with database.unit(NEW) as uow:
        assert uow.workspaces.current() == WORKSPACE
        assert not uow.workspaces.add(WORKSPACE)


def test_leaving_without_commit_leaves_nothing(database: Database) -> None:
    """Leaving by return or by exception rolls back."""
    with database.unit(NEW) as uow:
        uow.workspaces.add(WORKSPACE)
    with pytest.raises(ValueError, match="True"), database.unit(NEW) as uow:
        int(str(uow.workspaces.add(WORKSPACE)))
    with database.unit(NEW) as uow:
        assert uow.workspaces.current() is None


def test_one_commit(database: Database) -> None:
    """A second commit, a commit outside, and a second entry are misuse."""
    uow = database.unit()
    with uow:
        uow.commit()
        with pytest.raises(Misuse):
            uow.commit()
    with pytest.raises(Misuse), uow:
        pass
    with pytest.raises(Misuse):
        uow.commit()


def test_nothing_shows_after_the_commit(database: Database) -> None:
    """The workspace ends with its transaction, so a late question is answered with nothing."""
    with database.unit() as uow:
        assert uow.workspaces.current() is not None
        uow.commit()
        assert uow.workspaces.current() is None


def test_connections_carry_nothing_over(database: Database) -> None:
    """A connection that served one workspace shows another none of its rows."""
    with open_pool(database.uri(), connections_max=1) as pool:
        for workspace in ("test", "other", "test", "absent"):
            with PostgresUnitOfWork(pool, WorkspaceId(workspace)) as uow:
                found = uow.workspaces.current()
            assert (found.id if found else "absent") == workspace


def test_runner_sees_all_workspaces(database: Database) -> None:
    """Background work finds every workspace, in pages."""
    with database.runner() as unit:
        first = unit.directory.page(after="", limit=1)
        assert [w.id for w in first] == ["other"]
        assert [w.id for w in unit.directory.page(after=first[-1].id, limit=9)] == ["test"]


def test_unreachable_server_is_named() -> None:
    """A server that cannot be reached shows as an unavailable engine, within the wait given."""
    uri = "postgresql:///tallystick?host=/nowhere"
    with (
        open_pool(uri, wait_seconds=0.2) as pool,
        pytest.raises(EngineUnavailable, match="PostgreSQL"),
        PostgresUnitOfWork(pool, NEW),
    ):
        pass


def test_lost_connection_is_named_and_replaced(database: Database) -> None:
    """A connection lost on the way shows as an unavailable engine; the next one is good."""
    end = "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE application_name = 'one'"
    with open_pool(database.uri(), connections_max=1, name="one") as pool:
        with pytest.raises(EngineUnavailable):
            _cut_off(PostgresUnitOfWork(pool, NEW), database, end)
        with PostgresUnitOfWork(pool, NEW) as uow:
            assert uow.workspaces.current() is None
        with database.connection("postgres") as connection:
            connection.execute(end)
        with PostgresUnitOfWork(pool, NEW) as uow:
            assert uow.workspaces.current() is None


def _cut_off(uow: PostgresUnitOfWork, database: Database, end: str) -> None:
    with uow:
        with database.connection("postgres") as connection:
            connection.execute(end)
        uow.workspaces.current()

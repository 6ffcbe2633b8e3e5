"""Guarantee 11: no workspace can read or change another's rows."""

from collections.abc import Iterator

import psycopg
import pytest
from psycopg import sql

from tests.conformance.rows import Column, fill, insert, tables, workspace_column
from tests.databases import OTHER_WORKSPACE, WORKSPACE, Database

ROLES = ("tallystick_app", "tallystick_issuer")
ALL_ROLES = (*ROLES, "tallystick_runner", "tallystick_owner")
WITHOUT_WORKSPACE = {"log_segment"}  # the log spans workspaces; closed to the app


@pytest.fixture
def filled(database: Database) -> Database:
    """A database in which every table has a row of each of two workspaces."""
    with database.connection("postgres") as connection:
        fill(connection, (WORKSPACE, OTHER_WORKSPACE))
    return database


def test_every_table_is_protected(database: Database) -> None:
    """Every table forces row level security, its owner included, and names its workspace."""
    question = """
    SELECT oid::regclass::text FROM pg_class WHERE relnamespace = 'public'::regnamespace
    AND relkind IN ('r', 'p') AND NOT (relrowsecurity AND relforcerowsecurity)
    """
    with database.connection("postgres") as connection:
        bare = {name for (name,) in connection.execute(question)}
        unnamed = {
            table
            for table, columns in tables(connection).items()
            if workspace_column(table, columns) is None
        }
    assert bare == {"alembic_version"}
    assert unnamed == WITHOUT_WORKSPACE


@pytest.mark.parametrize("role", ROLES)
def test_all_rows_are_own_rows(filled: Database, role: str) -> None:
    """`SELECT *` without a condition shows the own workspace's row of each table and no other."""
    with filled.connection(role) as connection:
        connection.execute("SELECT set_config('tallystick.workspace', %s, false)", [WORKSPACE])
        seen = {table: shown for table, shown in _shown(connection) if shown is not None}
    assert {table: shown for table, shown in seen.items() if shown != [WORKSPACE]} == {}
    if role == "tallystick_app":
        assert {"workspace", "api_key", "idempotency", "outbox", "audit", "audit_seal"} <= set(seen)


@pytest.mark.parametrize("role", ROLES)
def test_no_workspace_no_rows(filled: Database, role: str) -> None:
    """Without a workspace set, nothing shows; nor after a transaction that had set one."""
    with filled.connection(role) as connection:
        assert {table for table, shown in _shown(connection) if shown} == set()
        with connection.transaction():
            connection.execute("SELECT set_config('tallystick.workspace', %s, true)", [WORKSPACE])
        assert {table for table, shown in _shown(connection) if shown} == set()


@pytest.mark.parametrize("role", ROLES)
def test_no_row_enters_another_workspace(filled: Database, role: str) -> None:
    """An insert into another workspace is refused by every table."""
    with filled.connection(role) as connection:
        connection.execute("SELECT set_config('tallystick.workspace', %s, false)", [WORKSPACE])
        for table, columns in _isolated(connection):
            foreign = insert(table, columns, workspace=OTHER_WORKSPACE, number=3)
            with pytest.raises(psycopg.errors.InsufficientPrivilege):
                connection.execute(foreign)


@pytest.mark.parametrize("role", ROLES)
def test_no_foreign_row_is_changed(filled: Database, role: str) -> None:
    """An update or delete reaches no row of another workspace and moves none into it."""
    with filled.connection(role) as connection:
        connection.execute("SELECT set_config('tallystick.workspace', %s, false)", [WORKSPACE])
        for table, columns in _isolated(connection):
            own = sql.Identifier(workspace_column(table, columns) or "")
            for text in (
                "DELETE FROM {table} WHERE {own} = {other}",
                "UPDATE {table} SET {own} = {other} WHERE {own} = {this}",
                "UPDATE {table} SET {own} = {own} WHERE {own} = {other}",
            ):
                names = {"other": sql.Literal(OTHER_WORKSPACE), "this": sql.Literal(WORKSPACE)}
                statement = sql.SQL(text).format(table=sql.Identifier(table), own=own, **names)
                assert _reached(connection, statement) == 0, f"{table}: {text}"


def test_roles_have_no_power_over_it(database: Database) -> None:
    """No role of ours is a superuser, goes past row level security, or can become another."""
    question = """
    SELECT rolname FROM pg_roles WHERE rolname = ANY(%s) AND (rolsuper OR rolbypassrls)
    UNION ALL
    SELECT m.member::regrole::text FROM pg_auth_members AS m
    WHERE m.member::regrole::text = ANY(%s) AND m.member::regrole::text <> 'tallystick_owner'
    """
    with database.connection("postgres") as connection:
        assert connection.execute(question, [list(ALL_ROLES), list(ALL_ROLES)]).fetchall() == []


def test_app_owns_nothing(database: Database) -> None:
    """No object belongs to the app, so that it can neither alter a table nor a policy."""
    question = """
    SELECT oid::regclass::text FROM pg_class WHERE relnamespace = 'public'::regnamespace
    AND relowner <> 'tallystick_owner'::regrole
    """
    with database.connection("postgres") as connection:
        assert connection.execute(question).fetchall() == []
    with database.connection() as connection, pytest.raises(psycopg.errors.InsufficientPrivilege):
        connection.execute("ALTER TABLE audit NO FORCE ROW LEVEL SECURITY")


def test_functions_run_as_their_caller(database: Database) -> None:
    """A function that runs with its owner's rights fixes its search path, and there is one."""
    question = """
    SELECT proname, proconfig::text LIKE '%search_path%' FROM pg_proc
    WHERE pronamespace = 'public'::regnamespace AND prosecdef
    """
    with database.connection("postgres") as connection:
        found = connection.execute(question).fetchall()
    assert ("note_unsealed", True) in found
    assert all(fixed for _, fixed in found)


@pytest.mark.parametrize("table", ["audit", "audit_seal"])
@pytest.mark.parametrize(
    "change", ["UPDATE {} SET workspace_id = workspace_id", "DELETE FROM {}", "TRUNCATE {}"]
)
def test_appended_rows_stay(database: Database, table: str, change: str) -> None:
    """Audit and seals take no change: not from the app, not from the runner, nor by the owner."""
    refused: dict[str, type[psycopg.Error]] = {
        "tallystick_app": psycopg.errors.InsufficientPrivilege,
        "tallystick_runner": psycopg.errors.InsufficientPrivilege,
        "tallystick_owner": psycopg.errors.RestrictViolation,
    }
    for role, error in refused.items():
        with database.connection(role) as connection, pytest.raises(error):
            connection.execute(sql.SQL(change).format(sql.Identifier(table)))


def _isolated(connection: psycopg.Connection) -> Iterator[tuple[str, list[Column]]]:
    for table, columns in tables(connection).items():
        if workspace_column(table, columns) is not None:
            yield table, columns


def _shown(connection: psycopg.Connection) -> Iterator[tuple[str, list[str] | None]]:
    """Yield each table with the workspaces of all rows it shows; `None` if it may not be read."""
    for table, columns in tables(connection).items():
        own = sql.Identifier(workspace_column(table, columns) or columns[0].name)
        try:
            rows = connection.execute(
                sql.SQL("SELECT {} FROM {}").format(own, sql.Identifier(table))
            )
            yield table, [workspace for (workspace,) in rows]
        except psycopg.errors.InsufficientPrivilege:
            yield table, None


def _reached(connection: psycopg.Connection, statement: sql.Composed) -> int:
    """Return how many rows a statement reached; refused, it reached none."""
    try:
        return connection.execute(statement).rowcount
    except (psycopg.errors.InsufficientPrivilege, psycopg.errors.RestrictViolation):
        return 0

"""
Rows of two workspaces in every table, whatever tables there are.

Values are made from the catalog of PostgreSQL by type, after constraints that would ask for sense
were dropped from the clone. So a table added by a later migration is tested without being named.
"""

from dataclasses import dataclass

import psycopg
from psycopg import sql

_COLUMNS = """
SELECT c.oid::regclass::text, a.attname, t.typcategory::text, t.typname,
  (SELECT e.enumlabel FROM pg_enum AS e WHERE e.enumtypid = t.oid LIMIT 1)
FROM pg_class AS c
JOIN pg_attribute AS a ON a.attrelid = c.oid AND a.attnum > 0 AND NOT a.attisdropped
JOIN pg_type AS t ON t.oid = a.atttypid
WHERE c.relnamespace = 'public'::regnamespace AND c.relkind IN ('r', 'p') AND a.attgenerated = ''
  AND c.relname <> 'alembic_version'
ORDER BY c.oid, a.attnum
"""
_CONSTRAINTS = """
SELECT conrelid::regclass::text, conname FROM pg_constraint
WHERE connamespace = 'public'::regnamespace AND contype IN ('c', 'f', 'x') AND conparentid = 0
"""
_OF_CATEGORY = {
    "N": "{0}",
    "S": "text-{0}",
    "D": "2026-01-0{0}",
    "B": "true",
    "A": "{{}}",
    "T": "{0} day",
    "R": "empty",
}
_OF_TYPE = {
    "bytea": "\\x0{0}",
    "jsonb": "{{}}",
    "uuid": "00000000-0000-0000-0000-00000000000{0}",
    "ltree": "text{0}",
    "xid8": "{0}",
}


@dataclass(frozen=True, slots=True)
class Column:
    """A column, and a text from which PostgreSQL makes a value of its type."""

    name: str
    value: str


def tables(connection: psycopg.Connection) -> dict[str, list[Column]]:
    """Return every table of the schema with its columns."""
    found: dict[str, list[Column]] = {}
    for table, name, category, kind, label in connection.execute(_COLUMNS):
        value = label or _OF_TYPE.get(kind) or _OF_CATEGORY[category]
        found.setdefault(table, []).append(Column(name, value))
    return found


def workspace_column(table: str, columns: list[Column]) -> str | None:
    """Return the column that names a row's workspace."""
    if table == "workspace":
        return "id"
    return "workspace_id" if any(column.name == "workspace_id" for column in columns) else None


def insert(table: str, columns: list[Column], *, workspace: str, number: int) -> sql.Composed:
    """Return the statement that puts a row of a workspace into a table."""
    own = workspace_column(table, columns)
    values = [
        sql.Literal(workspace if column.name == own else column.value.format(number))
        for column in columns
    ]
    statement = sql.SQL("INSERT INTO {} ({}) OVERRIDING SYSTEM VALUE VALUES ({})")
    names = sql.SQL(", ").join(sql.Identifier(column.name) for column in columns)
    return statement.format(sql.Identifier(table), names, sql.SQL(", ").join(values))


def fill(connection: psycopg.Connection, workspaces: tuple[str, ...]) -> None:
    """Put one row of each workspace into every table; connect as the superuser."""
    connection.execute("SET session_replication_role = replica")
    connection.execute("DELETE FROM workspace")
    drop = sql.SQL("ALTER TABLE {} DROP CONSTRAINT {}")
    for table, name in connection.execute(_CONSTRAINTS).fetchall():
        connection.execute(drop.format(sql.Identifier(table), sql.Identifier(name)))
    for table, columns in tables(connection).items():
        for number, workspace in enumerate(workspaces, start=1):
            if number == 1 or workspace_column(table, columns) is not None:
                connection.execute(insert(table, columns, workspace=workspace, number=number))

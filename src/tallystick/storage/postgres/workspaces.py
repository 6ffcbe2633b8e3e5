"""The store of workspaces."""

from datetime import datetime

from psycopg import Connection

from tallystick.app.workspaces import Workspace, WorkspaceKind
from tallystick.kernel import WorkspaceId

_COLUMNS = "id, kind, name, created_at"
_ADD = """
INSERT INTO workspace (id, kind, name, created_at) VALUES (%s, %s, %s, %s)
ON CONFLICT (id) DO NOTHING
"""
_CURRENT = f"SELECT {_COLUMNS} FROM workspace LIMIT 2"
_PAGE = f"SELECT {_COLUMNS} FROM workspace WHERE id > %s ORDER BY id LIMIT %s"


class PostgresWorkspaces:
    """The one workspace that this transaction may see."""

    def __init__(self, connection: Connection) -> None:
        self._connection = connection

    def add(self, workspace: Workspace) -> bool:
        row = (workspace.id, workspace.kind, workspace.name, workspace.created_at)
        return self._connection.execute(_ADD, row).rowcount == 1

    def current(self) -> Workspace | None:
        row = self._connection.execute(_CURRENT).fetchone()
        return None if row is None else _workspace_from_row(row)


class PostgresWorkspaceDirectory:
    """All workspaces, for the runner."""

    def __init__(self, connection: Connection) -> None:
        self._connection = connection

    def page(self, *, after: str, limit: int) -> list[Workspace]:
        rows = self._connection.execute(_PAGE, [after, limit]).fetchall()
        return [_workspace_from_row(row) for row in rows]


def _workspace_from_row(row: tuple[str, str, str, datetime]) -> Workspace:
    key, kind, name, created_at = row
    return Workspace(
        id=WorkspaceId(key), kind=WorkspaceKind(kind), name=name, created_at=created_at
    )

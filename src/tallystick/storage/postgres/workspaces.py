"""The store of workspaces."""

from datetime import datetime

from psycopg import Connection

from tallystick.app.workspaces import Workspace, WorkspaceKind, WorkspaceTime
from tallystick.kernel import WorkspaceId, check

_COLUMNS = "id, kind, name, created_at, clock_at, clock_target"
_ADD = f"""
INSERT INTO workspace ({_COLUMNS}) VALUES (%s, %s, %s, %s, %s, %s)
ON CONFLICT (id) DO NOTHING
"""
_CURRENT = f"SELECT {_COLUMNS} FROM workspace LIMIT 2"
_FIND = f"SELECT {_COLUMNS} FROM workspace WHERE id = %s"
_SET_TIME = """
UPDATE workspace SET clock_at = %(at)s, clock_target = %(target)s
WHERE kind = 'test' AND (clock_at IS NULL OR clock_at <= %(at)s)
"""
_PAGE = f"SELECT {_COLUMNS} FROM workspace WHERE id > %s ORDER BY id LIMIT %s"
# The workspace's own row is updated at each stop, by other transactions: it cannot be the lock.
_TURN = """
SELECT pg_try_advisory_xact_lock(
  hashtextextended('tallystick.clock:' || current_setting('tallystick.workspace'), 0))
"""


class PostgresWorkspaces:
    """The one workspace that this transaction may see."""

    def __init__(self, connection: Connection) -> None:
        self._connection = connection

    def add(self, workspace: Workspace) -> bool:
        time = workspace.time
        row = (workspace.id, workspace.kind, workspace.name, workspace.created_at)
        clock = (None, None) if time is None else (time.at, time.target)
        return self._connection.execute(_ADD, (*row, *clock)).rowcount == 1

    def current(self) -> Workspace | None:
        row = self._connection.execute(_CURRENT).fetchone()
        return None if row is None else _workspace_from_row(row)

    def take_turn(self) -> bool:
        row = self._connection.execute(_TURN).fetchone()
        return row is not None and bool(row[0])

    def set_time(self, time: WorkspaceTime) -> None:
        done = self._connection.execute(_SET_TIME, {"at": time.at, "target": time.target})
        check(done.rowcount == 1, f"the clock of this workspace cannot be set to {time.at}")


class PostgresWorkspaceDirectory:
    """All workspaces, for the runner."""

    def __init__(self, connection: Connection) -> None:
        self._connection = connection

    def page(self, *, after: str, limit: int) -> list[Workspace]:
        rows = self._connection.execute(_PAGE, [after, limit]).fetchall()
        return [_workspace_from_row(row) for row in rows]

    def find(self, workspace: WorkspaceId) -> Workspace | None:
        row = self._connection.execute(_FIND, [workspace]).fetchone()
        return None if row is None else _workspace_from_row(row)


def _workspace_from_row(
    row: tuple[str, str, str, datetime, datetime | None, datetime | None],
) -> Workspace:
    key, kind, name, created_at, clock_at, clock_target = row
    return Workspace(
        id=WorkspaceId(key),
        kind=WorkspaceKind(kind),
        name=name,
        created_at=created_at,
        time=None if clock_at is None else WorkspaceTime(at=clock_at, target=clock_target),
    )

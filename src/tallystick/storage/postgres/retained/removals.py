"""The store of removals that were decided."""

from datetime import datetime

import msgspec
from psycopg import Connection
from psycopg.rows import TupleRow

from tallystick.app.retention import HeldTime, Removal
from tallystick.kernel import WorkspaceId

_SAVE = """
INSERT INTO retention_removal (workspace_id, id, event_type, removed_before, through, held, kept,
  decided_at)
VALUES (%s, %s, %s, %s, %s, %s, %s, %s)
"""
_UNFINISHED = """
SELECT id, event_type, removed_before, through, held::text, kept FROM retention_removal
WHERE finished_at IS NULL ORDER BY decided_at, id COLLATE "C"
"""
_FINISH = "UPDATE retention_removal SET finished_at = %s, events = %s WHERE id = %s"


class PostgresRemovals:
    """Removals of one workspace."""

    def __init__(self, connection: Connection, workspace: WorkspaceId) -> None:
        self._connection = connection
        self._workspace = workspace

    def save(self, removal: Removal, *, at: datetime) -> None:
        bounds = (removal.event_type, removal.before, removal.through)
        kept = list(removal.kept)
        row = (removal.id, *bounds, _held_text(removal), kept, at)
        self._connection.execute(_SAVE, [self._workspace, *row])

    def unfinished(self) -> tuple[Removal, ...]:
        rows = self._connection.execute(_UNFINISHED)
        return tuple(_removal_from_row(row, self._workspace) for row in rows)

    def finish(self, id: str, *, events: int, at: datetime) -> None:
        self._connection.execute(_FINISH, [at, events, id])


def _held_text(removal: Removal) -> str:
    return msgspec.json.encode(removal.held).decode()


def _removal_from_row(row: TupleRow, workspace: WorkspaceId) -> Removal:
    return Removal(
        id=row[0],
        workspace=workspace,
        event_type=row[1],
        before=row[2],
        through=row[3],
        held=msgspec.json.decode(row[4], type=tuple[HeldTime, ...]),
        kept=tuple(row[5]),
    )

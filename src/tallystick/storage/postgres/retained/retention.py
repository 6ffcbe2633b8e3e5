"""The store of retention rules, legal holds and floors."""

from collections.abc import Iterable

from psycopg import Connection
from psycopg.rows import TupleRow

from tallystick.kernel import AccountKey, WorkspaceId
from tallystick.retention import LegalHold, RetentionFloor, RetentionRule

_LOCK = "SELECT pg_advisory_xact_lock(hashtextextended('retention:' || %s, 0))"
_RULES = """
SELECT event_type, days, set_at FROM retention_rule ORDER BY event_type COLLATE "C"
"""
_SAVE_RULE = """
INSERT INTO retention_rule (workspace_id, event_type, days, set_at) VALUES (%s, %s, %s, %s)
ON CONFLICT (workspace_id, event_type) DO UPDATE
SET days = excluded.days, set_at = excluded.set_at
"""
_REMOVE_RULE = "DELETE FROM retention_rule WHERE event_type = %s"
_HOLD = (
    "id, reason, account, event_type, start_at, end_at, placed_at, placed_by, released_at,"
    " released_by, release_reason"
)
_HOLDS = f'SELECT {_HOLD} FROM legal_hold ORDER BY placed_at, id COLLATE "C"'
_FIND_HOLD = f"SELECT {_HOLD} FROM legal_hold WHERE id = %s"
_SAVE_HOLD = f"""
INSERT INTO legal_hold (workspace_id, {_HOLD})
VALUES (%s, %s, %s, %s, %s, %s, %s, %s, %s, %s, %s, %s)
ON CONFLICT (workspace_id, id) DO UPDATE
SET released_at = excluded.released_at, released_by = excluded.released_by,
  release_reason = excluded.release_reason
"""
_FLOORS = """
SELECT event_type, closed_before, removed_before FROM retention_floor
ORDER BY event_type COLLATE "C"
"""
_SAVE_FLOOR = """
INSERT INTO retention_floor (workspace_id, event_type, closed_before, removed_before)
VALUES (%s, %s, %s, %s)
ON CONFLICT (workspace_id, event_type) DO UPDATE
SET closed_before = greatest(retention_floor.closed_before, excluded.closed_before),
  removed_before = greatest(retention_floor.removed_before, excluded.removed_before)
"""


class PostgresRetention:
    """Rules, holds and floors of one workspace."""

    def __init__(self, connection: Connection, workspace: WorkspaceId) -> None:
        self._connection = connection
        self._workspace = workspace
        self._floors: tuple[RetentionFloor, ...] | None = None

    def lock(self) -> None:
        self._connection.execute(_LOCK, [self._workspace])

    def rules(self) -> tuple[RetentionRule, ...]:
        rows = self._connection.execute(_RULES)
        return tuple(RetentionRule(event_type=row[0], days=row[1], set_at=row[2]) for row in rows)

    def save_rule(self, rule: RetentionRule) -> None:
        row = (rule.event_type, rule.days, rule.set_at)
        self._connection.execute(_SAVE_RULE, [self._workspace, *row])

    def remove_rule(self, event_type: str) -> None:
        self._connection.execute(_REMOVE_RULE, [event_type])

    def holds(self) -> tuple[LegalHold, ...]:
        return tuple(map(_hold_from_row, self._connection.execute(_HOLDS)))

    def find_hold(self, id: str) -> LegalHold | None:
        row = self._connection.execute(_FIND_HOLD, [id]).fetchone()
        return None if row is None else _hold_from_row(row)

    def save_hold(self, hold: LegalHold) -> None:
        scope = (hold.id, hold.reason, hold.account, hold.event_type, hold.start, hold.end)
        placed = (hold.placed_at, hold.placed_by)
        released = (hold.released_at, hold.released_by, hold.release_reason)
        self._connection.execute(_SAVE_HOLD, [self._workspace, *scope, *placed, *released])

    def floors(self) -> tuple[RetentionFloor, ...]:
        if self._floors is not None:
            return self._floors
        rows = self._connection.execute(_FLOORS)
        return tuple(
            RetentionFloor(event_type=row[0], closed_before=row[1], removed_before=row[2])
            for row in rows
        )

    def read_ahead(self) -> None:
        """Read the floors; they stay as they are until the transaction ends, or writes any."""
        self._floors = self.floors()

    def save_floors(self, floors: Iterable[RetentionFloor]) -> None:
        self._floors = None
        rows = [
            (self._workspace, floor.event_type, floor.closed_before, floor.removed_before)
            for floor in floors
        ]
        with self._connection.cursor() as cursor:
            cursor.executemany(_SAVE_FLOOR, rows)


def _hold_from_row(row: TupleRow) -> LegalHold:
    return LegalHold(
        id=row[0],
        reason=row[1],
        account=None if row[2] is None else AccountKey(row[2]),
        event_type=row[3],
        start=row[4],
        end=row[5],
        placed_at=row[6],
        placed_by=row[7],
        released_at=row[8],
        released_by=row[9],
        release_reason=row[10],
    )

"""What is held and what exists, as rows that move to other limits."""

from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime

from psycopg import Connection

from tallystick.app.quotas import Hold, HoldKind, UnitPlace
from tallystick.kernel import WorkspaceId
from tallystick.storage.postgres.json_column import json_rows
from tallystick.storage.postgres.quotas.holds import PostgresHolds

_LOCK = "hashtextextended('quota holds of ' || %s, 0)"
_TAKE = f"SELECT pg_advisory_xact_lock_shared({_LOCK})"
_TRY_TO_MOVE = f"SELECT pg_try_advisory_xact_lock({_LOCK})"
_MOVE = f"SELECT pg_advisory_xact_lock({_LOCK}) IS NOT NULL"
_ANY = """
SELECT EXISTS (SELECT FROM quota_hold WHERE closed_at IS NULL AND part = 0 AND expires_at > %s)
  OR EXISTS (SELECT FROM quota_unit WHERE asked_by IS NOT NULL)
"""
_ASKED = """
SELECT kind, key FROM quota_hold
WHERE asked_by = ANY(%s) AND expires_at > %s AND closed_at IS NULL AND part = 0
ORDER BY kind, key
"""
_DROP_PARTS = """
DELETE FROM quota_hold USING json_array_elements(%s::json) AS asked
WHERE kind = asked ->> 0 AND key = asked ->> 1 AND part >= (asked ->> 2)::int
"""
_UNITS = """
SELECT DISTINCT asked_by, feature, account FROM quota_unit
WHERE asked_by = ANY(%s) ORDER BY asked_by, feature, account
"""
# A unit that is there already, under the same id, is one with the one that comes.
_DROP_SAME = """
DELETE FROM quota_unit AS unit USING json_array_elements(%s::json) AS asked
WHERE unit.asked_by = asked ->> 0 AND unit.feature = asked ->> 1 AND unit.account = asked ->> 2
  AND EXISTS (SELECT FROM quota_unit AS same WHERE same.account = asked ->> 3
    AND same.feature = unit.feature AND same.unit = unit.unit)
"""
_MOVE_UNITS = """
UPDATE quota_unit AS unit SET account = asked ->> 3
FROM json_array_elements(%s::json) AS asked
WHERE unit.asked_by = asked ->> 0 AND unit.feature = asked ->> 1 AND unit.account = asked ->> 2
"""


class PostgresHoldMoves:
    """Moves what is held and what exists, in the workspace of this transaction."""

    def __init__(self, connection: Connection, workspace: WorkspaceId) -> None:
        self._connection = connection
        self._workspace = workspace
        self._holds = PostgresHolds(connection, workspace)

    def let_none_move(self) -> None:
        self._connection.execute(_TAKE, [self._workspace])

    def let_none_be_taken(self, *, wait: bool) -> bool:
        statement = _MOVE if wait else _TRY_TO_MOVE
        row = self._connection.execute(statement, [self._workspace]).fetchone()
        return row is not None and bool(row[0])

    def has_any(self, *, at: datetime) -> bool:
        row = self._connection.execute(_ANY, [at]).fetchone()
        return row is not None and bool(row[0])

    def asked_by(self, accounts: Iterable[str], *, at: datetime) -> tuple[Hold, ...]:
        rows = self._connection.execute(_ASKED, [sorted(set(accounts)), at]).fetchall()
        keys = [(HoldKind(kind), key) for kind, key in rows]
        return tuple(self._holds.lock(keys).values())

    def move(self, holds: Sequence[Hold]) -> None:
        parts = [(hold.kind.value, hold.key, len(hold.counters)) for hold in holds]
        self._connection.execute(_DROP_PARTS, [json_rows(parts)])
        self._holds.save(holds)

    def unit_places(self, accounts: Iterable[str]) -> tuple[UnitPlace, ...]:
        rows = self._connection.execute(_UNITS, [sorted(set(accounts))])
        return tuple(UnitPlace(*row) for row in rows)

    def move_units(self, moved: Mapping[UnitPlace, str]) -> None:
        rows = json_rows([(*place, holder) for place, holder in moved.items()])
        self._connection.execute(_DROP_SAME, [rows])
        self._connection.execute(_MOVE_UNITS, [rows])

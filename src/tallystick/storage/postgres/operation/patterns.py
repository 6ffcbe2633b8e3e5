"""Patterns of usage as rows."""

from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime
from decimal import Decimal

import msgspec
from psycopg import Connection
from psycopg.rows import TupleRow

from tallystick.app.anomalies import KeptPattern
from tallystick.forecasting import Pattern
from tallystick.kernel import AccountKey, MeterKey, WorkspaceId
from tallystick.storage.postgres.json_column import columns

_COLUMNS = "account, meter, pattern::text, next_hour, most"
_DUE = f"""
SELECT {_COLUMNS} FROM usage_pattern WHERE meter = %s AND next_hour <= %s
ORDER BY account LIMIT %s FOR UPDATE SKIP LOCKED
"""
_KNOWN = "SELECT account FROM usage_pattern WHERE meter = %s AND account = ANY(%s)"
_WATCHED = """
SELECT EXISTS (
  SELECT FROM usage_pattern WHERE meter = %s AND next_hour = %s AND most IS NOT NULL)
"""
_BEYOND = f"""
SELECT {_COLUMNS} FROM usage_pattern
JOIN unnest(%s::text[], %s::numeric[]) AS used (account, quantity) USING (account)
WHERE meter = %s AND next_hour = %s AND quantity > most
ORDER BY account FOR UPDATE OF usage_pattern SKIP LOCKED
"""
_SAVE = """
INSERT INTO usage_pattern (workspace_id, account, meter, pattern, next_hour, most)
SELECT %s, * FROM unnest(%s::text[], %s::text[], %s::jsonb[], %s::timestamptz[], %s::numeric[])
ON CONFLICT (workspace_id, meter, account) DO UPDATE SET
  pattern = excluded.pattern, next_hour = excluded.next_hour, most = excluded.most
"""
_DROP = "DELETE FROM usage_pattern WHERE meter = %s AND account = ANY(%s)"


class PostgresPatterns:
    """The patterns of the one workspace that this transaction may see."""

    def __init__(self, connection: Connection, workspace: WorkspaceId) -> None:
        self._connection = connection
        self._workspace = workspace

    def due(self, meter: MeterKey, *, hour: datetime, limit: int) -> tuple[KeptPattern, ...]:
        return tuple(map(_pattern, self._connection.execute(_DUE, [meter, hour, limit])))

    def known(self, meter: MeterKey, accounts: Iterable[AccountKey]) -> frozenset[AccountKey]:
        rows = self._connection.execute(_KNOWN, [meter, list(accounts)])
        return frozenset(AccountKey(row[0]) for row in rows)

    def is_watched(self, meter: MeterKey, *, hour: datetime) -> bool:
        row = self._connection.execute(_WATCHED, [meter, hour]).fetchone()
        return row is not None and bool(row[0])

    def beyond(
        self, meter: MeterKey, used: Mapping[AccountKey, Decimal], *, hour: datetime
    ) -> tuple[KeptPattern, ...]:
        asked = [list(used), list(used.values()), meter, hour]
        return tuple(map(_pattern, self._connection.execute(_BEYOND, asked)))

    def save(self, patterns: Sequence[KeptPattern]) -> None:
        if not patterns:
            return
        rows = [
            (
                one.account,
                one.meter,
                msgspec.json.encode(one.pattern).decode(),
                one.next_hour,
                one.most,
            )
            for one in patterns
        ]
        self._connection.execute(_SAVE, [self._workspace, *columns(rows)])

    def drop(self, meter: MeterKey, accounts: Iterable[AccountKey]) -> None:
        self._connection.execute(_DROP, [meter, list(accounts)])


def _pattern(row: TupleRow) -> KeptPattern:
    account, meter, pattern, next_hour, most = row
    return KeptPattern(
        account=AccountKey(account),
        meter=MeterKey(meter),
        pattern=msgspec.json.decode(pattern, type=Pattern),
        next_hour=next_hour,
        most=most,
    )

"""Reservations, leases and units as rows."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import replace
from datetime import datetime
from decimal import Decimal
from itertools import groupby
from operator import itemgetter
from typing import LiteralString

from psycopg import Connection
from psycopg.rows import TupleRow

from tallystick.app.quotas import CounterKey, Hold, HoldKind, Unit
from tallystick.kernel import AccountKey, WorkspaceId

# A hold is a row for each counter against which it stands, so that what is held of one is their
# sum; part 0 is that of the limit of which it was taken.
_COLUMNS = (
    "kind, key, account, feature, starts, asked_by, granted, spent, began_at, expires_at, "
    "closed_at, outcome, part"
)
_ROWS = f"""
SELECT {_COLUMNS} FROM unnest(%s::text[], %s::text[]) AS asked (of, named) CROSS JOIN LATERAL (
  SELECT * FROM quota_hold WHERE kind = asked.of AND key = asked.named OFFSET 0 {{lock}}) AS known
ORDER BY kind, key, part
"""
_LOAD = _ROWS.format(lock="")
_LOCK = _ROWS.format(lock="FOR UPDATE")
_OPEN = f"""
SELECT {_COLUMNS} FROM quota_hold
WHERE (kind, key) IN (SELECT kind, key FROM quota_hold WHERE closed_at IS NULL
  AND expires_at > %(at)s AND (%(account)s::text IS NULL OR account = %(account)s) AND part = 0)
ORDER BY kind, key, part
"""
_OPEN_OF = f"""
SELECT {_COLUMNS} FROM quota_hold
WHERE (kind, key) IN (SELECT kind, key FROM quota_hold WHERE closed_at IS NULL
  AND expires_at > %s AND (account, feature, starts) = (%s, %s, %s))
ORDER BY kind, key, part FOR UPDATE
"""
_SAVE = f"""
INSERT INTO quota_hold (workspace_id, {_COLUMNS})
SELECT %s, * FROM unnest(%s::text[], %s::text[], %s::text[], %s::text[], %s::timestamptz[],
  %s::text[], %s::numeric[], %s::numeric[], %s::timestamptz[], %s::timestamptz[],
  %s::timestamptz[], %s::text[], %s::smallint[])
ON CONFLICT (workspace_id, kind, key, part) DO UPDATE SET
  account = excluded.account, feature = excluded.feature, starts = excluded.starts,
  granted = excluded.granted, spent = excluded.spent, expires_at = excluded.expires_at,
  closed_at = excluded.closed_at, outcome = excluded.outcome
"""
_UNITS = """
SELECT account, feature, unit, quantity FROM quota_unit
JOIN unnest(%s::text[], %s::text[], %s::text[]) AS asked (account, feature, unit)
  USING (account, feature, unit)
"""
_ADD_UNITS = """
INSERT INTO quota_unit (workspace_id, account, feature, unit, quantity, asked_by, acquired_at)
SELECT %s, account, feature, unit, quantity, asked_by, %s
FROM unnest(%s::text[], %s::text[], %s::text[], %s::numeric[], %s::text[])
  AS added (account, feature, unit, quantity, asked_by)
ON CONFLICT (workspace_id, account, feature, unit) DO NOTHING
"""
_DROP_UNITS = """
DELETE FROM quota_unit USING unnest(%s::text[], %s::text[], %s::text[])
  AS gone (account, feature, unit)
WHERE (quota_unit.account, quota_unit.feature, quota_unit.unit)
  = (gone.account, gone.feature, gone.unit)
"""
_UNITS_IN_ALL = """
SELECT account, feature, sum(quantity) FROM quota_unit
JOIN unnest(%s::text[], %s::text[]) AS asked (account, feature) USING (account, feature)
GROUP BY account, feature
"""
UnitKey = tuple[str, str, str]


class PostgresHolds:
    """What is held of limits, and what exists of levels, in the workspace of this transaction."""

    def __init__(self, connection: Connection, workspace: WorkspaceId) -> None:
        self._connection = connection
        self._workspace = workspace

    def load(self, keys: Iterable[tuple[HoldKind, str]]) -> dict[tuple[HoldKind, str], Hold]:
        return self._load(_LOAD, keys)

    def lock(self, keys: Iterable[tuple[HoldKind, str]]) -> dict[tuple[HoldKind, str], Hold]:
        return self._load(_LOCK, keys)

    def open(self, account: AccountKey | None, *, at: datetime) -> tuple[Hold, ...]:
        rows = self._connection.execute(_OPEN, {"at": at, "account": account})
        return tuple(_holds(rows))

    def open_of(self, key: CounterKey, *, at: datetime) -> tuple[Hold, ...]:
        return tuple(_holds(self._connection.execute(_OPEN_OF, [at, *key])))

    def save(self, holds: Sequence[Hold]) -> None:
        rows = [row for hold in holds for row in _rows(hold)]
        self._connection.execute(_SAVE, [self._workspace, *_columns(rows)])

    def units(self, keys: Iterable[UnitKey]) -> dict[UnitKey, Decimal]:
        asked = sorted(set(keys))
        if not asked:
            return {}
        rows = self._connection.execute(_UNITS, _columns(asked))
        return {(row[0], row[1], row[2]): Decimal(row[3]) for row in rows}

    def add_units(self, units: Mapping[UnitKey, Unit], *, at: datetime) -> None:
        rows = [(*key, one.quantity, one.asked_by) for key, one in units.items()]
        self._connection.execute(_ADD_UNITS, [self._workspace, at, *_columns(rows)])

    def drop_units(self, keys: Iterable[UnitKey]) -> None:
        self._connection.execute(_DROP_UNITS, _columns(sorted(keys)))

    def units_in_all(self, keys: Iterable[CounterKey]) -> Mapping[CounterKey, Decimal]:
        starts = {(key.account, key.feature): key for key in keys}
        if not starts:
            return {}
        rows = self._connection.execute(_UNITS_IN_ALL, _columns(sorted(starts)))
        return {starts[row[0], row[1]]: Decimal(row[2]) for row in rows}

    def _load(
        self, statement: LiteralString, keys: Iterable[tuple[HoldKind, str]]
    ) -> dict[tuple[HoldKind, str], Hold]:
        asked = sorted(set(keys))
        if not asked:
            return {}
        rows = self._connection.execute(statement, _columns(asked))
        return {(one.kind, one.key): one for one in _holds(rows)}


def _columns(rows: Sequence[Sequence[object]]) -> list[list[object]]:
    return [list(column) for column in zip(*rows, strict=True)]


def _holds(rows: Iterable[TupleRow]) -> Iterator[Hold]:
    for _, parts in groupby(rows, key=itemgetter(0, 1)):
        first, *others = parts
        yield replace(_hold(first), also=tuple(CounterKey(*one[2:5]) for one in others))


def _hold(row: TupleRow) -> Hold:
    kind, key, account, feature, starts, asked_by, granted, spent, *times, outcome, _ = row
    began_at, expires_at, closed_at = times
    return Hold(
        kind=HoldKind(kind),
        key=key,
        counter=CounterKey(account, feature, starts),
        asked_by=asked_by,
        granted=granted,
        spent=spent,
        began_at=began_at,
        expires_at=expires_at,
        closed_at=closed_at,
        outcome=outcome,
    )


def _rows(hold: Hold) -> Iterator[tuple[object, ...]]:
    for part, counter in enumerate(hold.counters):
        yield (
            hold.kind.value,
            hold.key,
            *counter,
            hold.asked_by,
            hold.granted,
            hold.spent,
            hold.began_at,
            hold.expires_at,
            hold.closed_at,
            hold.outcome,
            part,
        )

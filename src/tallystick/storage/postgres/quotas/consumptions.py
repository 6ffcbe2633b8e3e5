"""Uses that were decided, on their way to the log."""

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace
from datetime import datetime
from decimal import Decimal

from psycopg import Connection
from psycopg.rows import TupleRow

from tallystick.app.quotas import Consumption, Counter, CounterKey, EventOutcome
from tallystick.kernel import WorkspaceId
from tallystick.storage.postgres.json_column import json_rows
from tallystick.storage.postgres.quotas.counters import SAVE_COUNTERS, counter_rows

# OFFSET 0 keeps a look-up for each key what it is, whatever size a table had when it was planned.
_COLUMNS = "source, id, account, feature, starts, quantity, used_at, body, position, outcome"
_LOAD = f"""
SELECT {_COLUMNS} FROM json_array_elements(%s::json) AS asked CROSS JOIN LATERAL (
  SELECT * FROM quota_event WHERE source = asked ->> 0 AND id = asked ->> 1 OFFSET 0) AS known
"""
_ADD = f"""
INSERT INTO quota_event (workspace_id, {_COLUMNS}, also)
SELECT %s, source, id, counter ->> 0, counter ->> 1, (counter ->> 2)::timestamptz, quantity,
  used_at, body, position, outcome, nullif(also, '[]')
FROM json_to_recordset(%s::json) AS added (source text, id text, counter json, quantity numeric,
  used_at timestamptz, body text, position bigint, outcome text, also jsonb)
"""
_ADD_COUNTED = f"WITH counted AS ({SAVE_COUNTERS}) {_ADD}"
_WAITING = f"""
SELECT {_COLUMNS}, also FROM quota_event WHERE outcome = '' ORDER BY ordinal LIMIT %s
"""
_SETTLE = """
UPDATE quota_event SET position = settled.position, outcome = settled.outcome
FROM json_to_recordset(%s::json) AS settled (source text, id text, position bigint, outcome text)
CROSS JOIN LATERAL (SELECT ctid AS place FROM quota_event AS own
  WHERE own.source = settled.source AND own.id = settled.id OFFSET 0) AS known
WHERE quota_event.ctid = known.place
"""
# A use counts in its own counter, and in those of other limits on its meter.
_COUNTED = """
SELECT used.account, used.feature, used.starts, sum(used.quantity){instant} FROM (
  SELECT account, feature, starts, quantity, used_at FROM quota_event WHERE {which}
  UNION ALL
  SELECT part ->> 0, part ->> 1, (part ->> 2)::timestamptz, quantity, used_at FROM quota_event
  CROSS JOIN LATERAL jsonb_array_elements(quota_event.also) AS part
  WHERE quota_event.also IS NOT NULL AND {which}) AS used
"""
_GROUPED = "GROUP BY used.account, used.feature, used.starts"
_CONSUMED = f"""
{_COUNTED.format(which="(outcome = '' OR position > %(after)s)", instant=", used.used_at")}
WHERE used.account = ANY(%(accounts)s) {_GROUPED}, used.used_at
"""
_ARRIVED = "(position > %(after)s AND position <= %(through)s)"
_BETWEEN = _COUNTED.format(which=_ARRIVED, instant="") + _GROUPED
_FORGET = """
DELETE FROM quota_event
WHERE outcome <> '' AND used_at < %s
  AND (position IS NULL OR position <= (SELECT position FROM quota_feed))
"""


class PostgresConsumptions:
    """The consumptions of the one workspace that this transaction may see."""

    def __init__(self, connection: Connection, workspace: WorkspaceId) -> None:
        self._connection = connection
        self._workspace = workspace

    def load(self, identities: Iterable[tuple[str, str]]) -> dict[tuple[str, str], Consumption]:
        asked = sorted(set(identities))
        if not asked:
            return {}
        rows = self._connection.execute(_LOAD, [json_rows(asked)])
        return {(one.source, one.id): one for one in map(_consumption, rows)}

    def add(self, consumptions: Sequence[Consumption], *, counted: Sequence[Counter] = ()) -> None:
        added = [self._workspace, json_rows(consumptions)]
        if counted:
            rows = [self._workspace, counter_rows(counted)]
            self._connection.execute(_ADD_COUNTED, [*rows, *added])
        else:
            self._connection.execute(_ADD, added)

    def waiting(self, *, limit: int) -> tuple[Consumption, ...]:
        rows = self._connection.execute(_WAITING, [limit])
        return tuple(replace(_consumption(row[:-1]), also=_also(row[-1])) for row in rows)

    def settle(self, settled: Sequence[Consumption]) -> None:
        self._connection.execute(_SETTLE, [json_rows(settled)])

    def consumed(
        self, keys: Iterable[CounterKey], *, after: int
    ) -> Mapping[CounterKey, Mapping[datetime, Decimal]]:
        asked = set(keys)
        if not asked:
            return {}
        accounts = sorted({key.account for key in asked})
        rows = self._connection.execute(_CONSUMED, {"after": after, "accounts": accounts})
        found: dict[CounterKey, dict[datetime, Decimal]] = defaultdict(dict)
        for account, feature, starts, amount, used_at in rows:
            if (key := CounterKey(account, feature, starts)) in asked:
                found[key][used_at] = Decimal(amount)
        return found

    def consumed_between(self, after: int, through: int) -> Mapping[CounterKey, Decimal]:
        rows = self._connection.execute(_BETWEEN, {"after": after, "through": through})
        return {CounterKey(row[0], row[1], row[2]): Decimal(row[3]) for row in rows}

    def forget(self, *, before: datetime) -> None:
        self._connection.execute(_FORGET, [before])


def _also(parts: Sequence[tuple[str, str, str]] | None) -> tuple[CounterKey, ...]:
    return tuple(
        CounterKey(account, feature, datetime.fromisoformat(starts))
        for account, feature, starts in parts or ()
    )


def _consumption(row: TupleRow) -> Consumption:
    source, id_, account, feature, starts, quantity, used_at, body, position, outcome = row
    return Consumption(
        source=source,
        id=id_,
        counter=CounterKey(account, feature, starts),
        quantity=quantity,
        used_at=used_at,
        body=body,
        position=position,
        outcome=EventOutcome(outcome),
    )

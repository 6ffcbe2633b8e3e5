"""Counters as rows."""

from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime
from decimal import Decimal

from psycopg import Connection
from psycopg.rows import TupleRow

from tallystick.app.quotas import Counter, CounterKey, LockedCounters, Remembered
from tallystick.kernel import AccountKey, WorkspaceId, instant, instant_text, plain
from tallystick.quotas import ALWAYS, Recent, Tally
from tallystick.storage.postgres.json_column import json_rows

_COLUMNS = (
    "account, feature, starts, ends, used, state, over_since, counted_through, stamp, "
    "enforced, check_at"
)
# OFFSET 0 keeps a look-up for each key what it is, whatever size a table had when it was planned,
# and locks in the order in which keys are asked.
_HELD = """
SELECT account, feature, starts, sum(granted - spent) AS held FROM quota_hold
WHERE closed_at IS NULL AND expires_at > %(at)s AND account = ANY(%(accounts)s)
GROUP BY account, feature, starts
"""
_LOCK = f"""
SELECT {_COLUMNS} FROM json_array_elements(%s::json) AS asked CROSS JOIN LATERAL (
  SELECT * FROM quota_counter WHERE account = asked ->> 0 AND feature = asked ->> 1
    AND starts = (asked ->> 2)::timestamptz OFFSET 0 FOR UPDATE) AS known
"""
# All or nothing: no row is locked unless every stamp is as asked.  Holds are not summed where none
# is open in this snapshot and no counter has moved behind it: whoever holds more of one writes it,
# too.
_LOCK_REMEMBERED = f"""
WITH seen AS MATERIALIZED (
  SELECT known.* FROM json_array_elements(%(counters)s::json) AS asked CROSS JOIN LATERAL (
    SELECT account, feature, starts, xmin AS version FROM quota_counter
    WHERE account = asked ->> 0 AND feature = asked ->> 1
      AND starts = (asked ->> 2)::timestamptz AND stamp = (asked ->> 3)::bigint OFFSET 0) AS known
), everybody AS MATERIALIZED (
  SELECT coalesce(sum(stamp), 0) AS stamp FROM quota_stamp WHERE account = ''
), found AS MATERIALIZED (
  SELECT (SELECT count(*) FROM seen) = json_array_length(%(counters)s::json)
    AND NOT EXISTS (SELECT FROM json_each_text(%(stamps)s::json) AS known WHERE
      (SELECT stamp FROM everybody)
      + coalesce((SELECT stamp FROM quota_stamp WHERE account = known.key), 0)
      <> known.value::bigint) AS is_fresh,
    EXISTS (SELECT FROM json_array_elements(%(identities)s::json) AS asked CROSS JOIN LATERAL (
      SELECT FROM quota_event WHERE source = asked ->> 0 AND id = asked ->> 1 OFFSET 0) AS known
    ) AS is_known,
    EXISTS (SELECT FROM seen CROSS JOIN LATERAL (SELECT FROM quota_hold AS hold
      WHERE closed_at IS NULL AND expires_at > %(at)s AND hold.account = seen.account
        AND hold.feature = seen.feature AND hold.starts = seen.starts OFFSET 0) AS known
    ) AS is_held
)
SELECT {", ".join(f"known.{name}" for name in _COLUMNS.split(", "))},
  found.is_known, found.is_held OR known.version <> seen.version
FROM found JOIN seen ON found.is_fresh CROSS JOIN LATERAL (
  SELECT *, xmin AS version FROM quota_counter
  WHERE account = seen.account AND feature = seen.feature AND starts = seen.starts
  OFFSET 0 FOR UPDATE) AS known
"""
_STAMPED = """
SELECT account, feature, starts, stamp
FROM json_array_elements(%s::json) AS asked CROSS JOIN LATERAL (
  SELECT * FROM quota_counter WHERE account = asked ->> 0 AND feature = asked ->> 1
    AND starts = (asked ->> 2)::timestamptz OFFSET 0) AS known
"""
_OVER_BEFORE = """
SELECT asked ->> 0, asked ->> 1, (asked ->> 2)::timestamptz, known.over_since
FROM json_array_elements(%s::json) AS asked CROSS JOIN LATERAL (
  SELECT * FROM quota_counter WHERE account = asked ->> 0 AND feature = asked ->> 1
    AND ends = (asked ->> 2)::timestamptz AND over_since IS NOT NULL OFFSET 0) AS known
"""
SAVE_COUNTERS = f"""
INSERT INTO quota_counter AS known (workspace_id, {_COLUMNS})
SELECT %s, one ->> 0, one ->> 1, (one ->> 2)::timestamptz, (one ->> 3)::timestamptz,
  (one ->> 4)::numeric, (one -> 5)::jsonb, (one ->> 6)::timestamptz, (one ->> 7)::bigint,
  (one ->> 8)::bigint, (one ->> 9)::numeric, (one ->> 10)::timestamptz
FROM json_array_elements(%s::json) AS one
ON CONFLICT (workspace_id, account, feature, starts) DO UPDATE SET
  ends = excluded.ends, used = excluded.used, state = excluded.state,
  over_since = excluded.over_since, counted_through = excluded.counted_through,
  stamp = excluded.stamp, enforced = excluded.enforced, check_at = excluded.check_at
"""
_OPEN = f"""
SELECT {_COLUMNS} FROM quota_counter
WHERE (ends IS NULL OR ends > %(at)s) AND (%(account)s::text IS NULL OR account = %(account)s)
ORDER BY account, feature, starts
"""
_USED = f"""
SELECT {_COLUMNS} FROM quota_counter
WHERE (ends IS NULL OR ends > %(at)s) AND used > 0
  AND (%(account)s::text IS NULL OR account = %(account)s)
  AND (account, feature, starts) > (%(after)s::text, %(feature)s::text, %(starts)s::timestamptz)
ORDER BY account, feature, starts LIMIT %(limit)s
"""
_DROP = """
DELETE FROM quota_counter USING unnest(%s::text[], %s::text[], %s::timestamptz[])
  AS gone (account, feature, starts)
WHERE (quota_counter.account, quota_counter.feature, quota_counter.starts)
  = (gone.account, gone.feature, gone.starts)
"""
_STALE = """
SELECT account, feature, starts FROM quota_counter AS counter
LEFT JOIN quota_stamp AS own USING (workspace_id, account)
WHERE (ends IS NULL OR ends > %(at)s) AND (check_at <= %(at)s
  OR counter.stamp <> coalesce(own.stamp, 0)
    + (SELECT coalesce(sum(all_of.stamp), 0) FROM quota_stamp AS all_of WHERE all_of.account = ''))
ORDER BY account, feature, starts LIMIT %(limit)s
"""
_NOTHING = Decimal(0)


class PostgresCounters:
    """The counters of the one workspace that this transaction may see."""

    def __init__(self, connection: Connection, workspace: WorkspaceId) -> None:
        self._connection = connection
        self._workspace = workspace

    def stamped(self, keys: Iterable[CounterKey]) -> Mapping[CounterKey, int]:
        asked = sorted(set(keys))
        if not asked:
            return {}
        rows = self._connection.execute(_STAMPED, [json_rows(asked)])
        return {CounterKey(row[0], row[1], row[2]): int(row[3]) for row in rows}

    def lock(self, keys: Iterable[CounterKey], *, at: datetime) -> dict[CounterKey, Counter]:
        asked = sorted(set(keys))
        if not asked:
            return {}
        rows = self._connection.execute(_LOCK, [json_rows(asked)]).fetchall()
        held = self._held({key.account for key in asked}, at)
        return {one.key: one for one in (_counter(row, held) for row in rows)}

    def lock_remembered(self, remembered: Remembered) -> LockedCounters | None:
        asked = sorted(remembered.counters)
        rows = self._connection.execute(
            _LOCK_REMEMBERED,
            {
                "counters": json_rows([(*key, remembered.counters[key]) for key in asked]),
                "stamps": json_rows(remembered.stamps),
                "identities": json_rows(sorted(remembered.identities)),
                "at": remembered.at,
            },
        ).fetchall()
        if not rows:
            return None
        maybe_held = any(row[-1] for row in rows)
        held = self._held({key.account for key in asked}, remembered.at) if maybe_held else {}
        locked = (_counter(row[:-2], held) for row in rows)
        return LockedCounters(
            counters={one.key: one for one in locked}, identities_known=rows[0][-2]
        )

    def save(self, counters: Sequence[Counter]) -> None:
        if not counters:
            return
        self._connection.execute(SAVE_COUNTERS, [self._workspace, counter_rows(counters)])

    def open(self, account: AccountKey | None, *, at: datetime) -> tuple[Counter, ...]:
        rows = self._connection.execute(_OPEN, {"at": at, "account": account}).fetchall()
        held = self._held({str(row[0]) for row in rows}, at)
        return tuple(_counter(row, held) for row in rows)

    def over_before(self, keys: Iterable[CounterKey]) -> Mapping[CounterKey, datetime]:
        rows = self._connection.execute(_OVER_BEFORE, [json_rows(sorted(keys))])
        return {CounterKey(row[0], row[1], row[2]): row[3] for row in rows}

    def used(
        self, after: CounterKey | None, *, at: datetime, limit: int, account: AccountKey | None
    ) -> tuple[Counter, ...]:
        last, feature, starts = after or ("", "", ALWAYS)
        asked = {"after": last, "feature": feature, "starts": starts}
        rows = self._connection.execute(
            _USED, {**asked, "at": at, "limit": limit, "account": account}
        )
        return tuple(_counter(row, {}) for row in rows)

    def drop(self, keys: Iterable[CounterKey]) -> None:
        self._connection.execute(_DROP, [list(column) for column in zip(*keys, strict=True)])

    def stale(self, *, at: datetime, limit: int) -> tuple[CounterKey, ...]:
        rows = self._connection.execute(_STALE, {"at": at, "limit": limit})
        return tuple(CounterKey(row[0], row[1], row[2]) for row in rows)

    def _held(self, accounts: Iterable[str], at: datetime) -> dict[CounterKey, Decimal]:
        """Return what open holds keep; asked behind the lock, so that nobody adds to it."""
        rows = self._connection.execute(_HELD, {"at": at, "accounts": sorted(accounts)})
        return {CounterKey(row[0], row[1], row[2]): Decimal(row[3]) for row in rows}


def _counter(row: TupleRow, held: dict[CounterKey, Decimal]) -> Counter:
    account, feature, starts, ends, used, state, over_since, through, *rest = row
    stamp, enforced, check_at = rest
    key = CounterKey(account, feature, starts)
    tally = Tally(
        used=used,
        held=held.get(key, _NOTHING),
        recent=_recent(state, "recent"),
        full_at=_instant(state, "full_at"),
        passed=_recent(state, "passed"),
        passed_full_at=_instant(state, "passed_full_at"),
        over_since=over_since,
    )
    return Counter(
        key=key,
        ends=ends,
        tally=tally,
        counted_through=through,
        stamp=stamp,
        enforced=enforced,
        check_at=check_at,
    )


def counter_rows(counters: Sequence[Counter]) -> str:
    """Return counters as the one parameter of `SAVE_COUNTERS`, in the order of their locks."""
    return json_rows([_row(one) for one in sorted(counters, key=lambda one: one.key)])


def _row(counter: Counter) -> tuple[object, ...]:
    tally = counter.tally
    state = {
        "recent": [[number, plain(amount)] for number, amount in tally.recent.slices],
        "passed": [[number, plain(amount)] for number, amount in tally.passed.slices],
        "full_at": None if tally.full_at is None else instant_text(tally.full_at),
        "passed_full_at": _text(tally.passed_full_at),
    }
    return (
        counter.key.account,
        counter.key.feature,
        counter.key.starts,
        counter.ends,
        tally.used,
        {name: value for name, value in state.items() if value},
        tally.over_since,
        counter.counted_through,
        counter.stamp,
        counter.enforced,
        counter.check_at,
    )


def _text(at: datetime | None) -> str | None:
    return None if at is None else instant_text(at)


def _recent(state: dict[str, list[tuple[int, str]]], name: str) -> Recent:
    return Recent(tuple((int(number), Decimal(amount)) for number, amount in state.get(name, ())))


def _instant(state: dict[str, str], name: str) -> datetime | None:
    text = state.get(name)
    return None if text is None else instant(text)

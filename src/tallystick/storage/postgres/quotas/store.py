"""Stamps of accounts, the feed, and whose a subject is."""

from collections.abc import Iterable, Mapping

from psycopg import Connection

from tallystick.accounts import Ownership
from tallystick.kernel import AccountKey, MeterKey, ResourceKey, WorkspaceId

_STAMPS = "SELECT account, stamp FROM quota_stamp WHERE account = ANY(%s)"
_HOLD_FEED = "SELECT pg_advisory_xact_lock(hashtextextended('quota feed of ' || %s, 0))"
_FEED = "SELECT position FROM quota_feed"
_MOVE_FEED = """
INSERT INTO quota_feed (workspace_id, position) VALUES (%s, %s)
ON CONFLICT (workspace_id) DO UPDATE SET position = excluded.position
"""
# A circle ends, since UNION drops what was found before.
_BELOW = """
WITH RECURSIVE standing AS (
  SELECT key, parent FROM account
  UNION
  SELECT key, moved ->> 'parent' FROM account, jsonb_array_elements(payer_changes) AS moved
), below (top, key) AS (
  SELECT parent, key FROM standing WHERE parent = ANY(%(accounts)s)
  UNION
  SELECT below.top, child.key FROM standing AS child JOIN below ON child.parent = below.key)
SELECT top, key FROM below ORDER BY top, key
"""
_METERS = """
SELECT DISTINCT document ->> 'meter' FROM feature WHERE document ->> 'kind' = 'metered' ORDER BY 1
"""
_WITH_FEATURES = "SELECT DISTINCT workspace_id FROM feature ORDER BY 1"
_WITH_RULES = "SELECT DISTINCT workspace_id FROM alert_rule ORDER BY 1"
_RESOURCES = """
SELECT resource, account, lower(during), upper(during) FROM ownership
WHERE resource = ANY(%s) ORDER BY resource, during
"""
_ACCOUNTS = "SELECT key FROM account WHERE key = ANY(%s)"


class PostgresQuotas:
    """What quotas know of the one workspace that this transaction may see."""

    def __init__(self, connection: Connection, workspace: WorkspaceId) -> None:
        self._connection = connection
        self._workspace = workspace

    def stamps(self, accounts: Iterable[str]) -> Mapping[str, int]:
        rows = self._connection.execute(_STAMPS, [sorted(set(accounts))])
        return {row[0]: int(row[1]) for row in rows}

    def feed_position(self) -> int:
        self._connection.execute(_HOLD_FEED, [self._workspace])
        row = self._connection.execute(_FEED).fetchone()
        return 0 if row is None else int(row[0])

    def move_feed(self, position: int) -> None:
        self._connection.execute(_MOVE_FEED, [self._workspace, position])

    def limited_meters(self) -> tuple[MeterKey, ...]:
        return tuple(MeterKey(row[0]) for row in self._connection.execute(_METERS))

    def below(self, accounts: Iterable[AccountKey]) -> Mapping[AccountKey, tuple[AccountKey, ...]]:
        found: dict[AccountKey, list[AccountKey]] = {}
        for top, key in self._connection.execute(_BELOW, {"accounts": list(accounts)}):
            found.setdefault(AccountKey(top), []).append(AccountKey(key))
        return {top: tuple(keys) for top, keys in found.items()}

    def owners(self, subjects: Iterable[str]) -> Mapping[str, tuple[Ownership, ...] | AccountKey]:
        asked = sorted(set(subjects))
        owned: dict[str, tuple[Ownership, ...]] = {}
        for resource, account, start, end in self._connection.execute(_RESOURCES, [asked]):
            one = Ownership(
                resource=ResourceKey(resource), account=AccountKey(account), start=start, end=end
            )
            owned[resource] = (*owned.get(resource, ()), one)
        rest = [subject for subject in asked if subject not in owned]
        named = {row[0]: AccountKey(row[0]) for row in self._connection.execute(_ACCOUNTS, [rest])}
        return {**named, **owned}


class PostgresQuotaDirectory:
    """Which workspaces have quotas, for the runner."""

    def __init__(self, connection: Connection) -> None:
        self._connection = connection

    def with_features(self) -> tuple[WorkspaceId, ...]:
        return tuple(WorkspaceId(row[0]) for row in self._connection.execute(_WITH_FEATURES))

    def with_rules(self) -> tuple[WorkspaceId, ...]:
        return tuple(WorkspaceId(row[0]) for row in self._connection.execute(_WITH_RULES))

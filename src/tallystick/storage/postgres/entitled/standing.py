"""
What decision makers read of accounts, contracts and the catalog.

Documents of plans and features are read once for each text: what they say follows from it alone.
"""

from collections.abc import Iterable, Mapping
from functools import lru_cache

from psycopg import Connection

from tallystick.accounts import DEPTH_MAX, Account
from tallystick.catalog import (
    Feature,
    PlanVersion,
    feature_from_document,
    granting_plan_from_document,
)
from tallystick.kernel import AccountKey, PlanKey
from tallystick.storage.postgres.accounts import ACCOUNT, account_from_row
from tallystick.storage.postgres.json_column import json_object
from tallystick.storage.postgres.subscriptions import SUBSCRIPTION, subscription_from_row
from tallystick.subscriptions import Subscription

_TEXTS_KEPT_MAX = 10_000
_LINES = f"""
WITH RECURSIVE line (below, place, held, above) AS (
  SELECT key, 0, key, parent FROM account WHERE key = ANY(%s)
  UNION ALL
  SELECT line.below, line.place + 1, a.key, a.parent
  FROM line JOIN account AS a ON a.key = line.above WHERE line.place < %s)
SELECT line.below, {ACCOUNT} FROM line JOIN account ON account.key = line.held
ORDER BY line.below, line.place
"""
_OF_ACCOUNTS = f"{SUBSCRIPTION} WHERE account = ANY(%s) ORDER BY key"
_FEATURES = """
SELECT key, document::text FROM feature WHERE %s::text[] IS NULL OR key = ANY(%s) ORDER BY key
"""
_PLANS = """
SELECT (document - 'prices')::text FROM plan_version ORDER BY plan, version
"""
_NAMED_PLANS = """
SELECT (p.document - 'prices')::text
FROM unnest(%s::text[], %s::integer[]) AS named (plan, version)
JOIN plan_version AS p ON p.plan = named.plan AND p.version = named.version
"""


class PostgresStandings:
    """What decides what accounts of one workspace may use, beside grants and restrictions."""

    def __init__(self, connection: Connection) -> None:
        self._connection = connection

    def load_lines(
        self, accounts: Iterable[AccountKey]
    ) -> Mapping[AccountKey, tuple[Account, ...]]:
        found: dict[AccountKey, list[Account]] = {}
        for below, *row in self._connection.execute(_LINES, [list(accounts), DEPTH_MAX - 1]):
            found.setdefault(AccountKey(below), []).append(account_from_row(tuple(row)))
        return {below: tuple(line) for below, line in found.items()}

    def load_contracts(self, accounts: Iterable[AccountKey]) -> tuple[Subscription, ...]:
        rows = self._connection.execute(_OF_ACCOUNTS, [list(accounts)])
        return tuple(map(subscription_from_row, rows))

    def load_features(self, keys: Iterable[str] | None = None) -> Mapping[str, Feature]:
        named = None if keys is None else sorted(keys)
        rows = self._connection.execute(_FEATURES, [named, named])
        return {key: _feature(text) for key, text in rows}

    def load_granting(
        self, named: Iterable[tuple[PlanKey, int]] | None = None
    ) -> tuple[PlanVersion, ...]:
        if named is None:
            rows = self._connection.execute(_PLANS)
        else:
            wanted = sorted(set(named))
            keys, versions = [key for key, _ in wanted], [version for _, version in wanted]
            rows = self._connection.execute(_NAMED_PLANS, [keys, versions])
        return tuple(_granting_plan(text) for (text,) in rows)


@lru_cache(maxsize=_TEXTS_KEPT_MAX)
def _feature(text: str) -> Feature:
    return feature_from_document(json_object(text))


@lru_cache(maxsize=_TEXTS_KEPT_MAX)
def _granting_plan(text: str) -> PlanVersion:
    return granting_plan_from_document(json_object(text))

"""The store of who pays for which contracts, where that was declared to change."""

from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime

from psycopg import Connection

from tallystick.kernel import AccountKey, SubscriptionKey

_MOVING = "SELECT key FROM account WHERE payer_changes <> '[]' ORDER BY key"
_BELOW = """
WITH RECURSIVE down AS (
  SELECT key FROM account WHERE key = ANY(%s)
  UNION
  SELECT a.key FROM down JOIN account AS a ON a.parent = down.key)
SELECT s.key, s.account, s.started_at
FROM subscription AS s JOIN down ON down.key = s.account ORDER BY s.key
"""
_BILLED = """
SELECT l.subscription, array_agg(DISTINCT i.account) FROM invoice_line AS l
JOIN invoice AS i ON i.workspace_id = l.workspace_id AND i.id = l.invoice_id
WHERE l.subscription = ANY(%s) AND i.number IS NOT NULL GROUP BY l.subscription
"""


class PostgresPayers:
    """Who pays in one workspace."""

    def __init__(self, connection: Connection) -> None:
        self._connection = connection

    def moving(self) -> tuple[AccountKey, ...]:
        return tuple(AccountKey(key) for (key,) in self._connection.execute(_MOVING))

    def begun_below(
        self, accounts: Iterable[AccountKey]
    ) -> Sequence[tuple[SubscriptionKey, AccountKey, datetime]]:
        rows = self._connection.execute(_BELOW, [list(accounts)])
        return [(SubscriptionKey(key), AccountKey(account), start) for key, account, start in rows]

    def billed(
        self, contracts: Iterable[SubscriptionKey]
    ) -> Mapping[SubscriptionKey, frozenset[AccountKey]]:
        rows = self._connection.execute(_BILLED, [list(contracts)])
        return {SubscriptionKey(key): frozenset(map(AccountKey, payers)) for key, payers in rows}

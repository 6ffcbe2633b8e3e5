"""The store of subscriptions."""

from collections.abc import Iterable, Mapping

from psycopg import Connection
from psycopg.rows import TupleRow

from tallystick.kernel import AccountKey, PlanKey, SubscriptionKey, WorkspaceId
from tallystick.subscriptions import Subscription

_COLUMNS = "key, account, plan, version, legal_entity, started_at, ended_at, anchor"
_ALL = f"SELECT {_COLUMNS} FROM subscription ORDER BY key"
_BY_KEY = f"SELECT {_COLUMNS} FROM subscription WHERE key = %s"
_PAGE = f"""
SELECT {_COLUMNS} FROM subscription
WHERE key > %s AND (%s::text IS NULL OR account = %s) ORDER BY key LIMIT %s
"""
_SAVE = f"""
INSERT INTO subscription (workspace_id, {_COLUMNS})
SELECT %s, * FROM unnest(%s::text[], %s::text[], %s::text[], %s::integer[], %s::text[],
  %s::timestamptz[], %s::timestamptz[], %s::date[])
ON CONFLICT (workspace_id, key) DO UPDATE SET ended_at = excluded.ended_at
"""


class PostgresSubscriptions:
    """The subscriptions of one workspace; of one that stands only the end may change."""

    def __init__(self, connection: Connection, workspace: WorkspaceId) -> None:
        self._connection = connection
        self._workspace = workspace

    def load_subscriptions(self) -> Mapping[SubscriptionKey, Subscription]:
        found = map(_subscription_from_row, self._connection.execute(_ALL))
        return {subscription.key: subscription for subscription in found}

    def load_subscription(self, key: SubscriptionKey) -> Subscription | None:
        row = self._connection.execute(_BY_KEY, [key]).fetchone()
        return None if row is None else _subscription_from_row(row)

    def list_subscriptions(
        self, *, after: str, limit: int, account: AccountKey | None = None
    ) -> tuple[Subscription, ...]:
        rows = self._connection.execute(_PAGE, [after, account, account, limit])
        return tuple(map(_subscription_from_row, rows))

    def save_subscriptions(self, subscriptions: Iterable[Subscription]) -> None:
        rows = [_row_from_subscription(subscription) for subscription in subscriptions]
        if rows:
            columns = (list(column) for column in zip(*rows, strict=True))
            self._connection.execute(_SAVE, [self._workspace, *columns])


def _row_from_subscription(subscription: Subscription) -> tuple[object, ...]:
    return (
        subscription.key,
        subscription.account,
        subscription.plan,
        subscription.version,
        subscription.legal_entity,
        subscription.start,
        subscription.end,
        subscription.anchor,
    )


def _subscription_from_row(row: TupleRow) -> Subscription:
    key, account, plan, version, legal_entity, start, end, anchor = row
    return Subscription(
        key=SubscriptionKey(key),
        account=AccountKey(account),
        plan=PlanKey(plan),
        version=version,
        legal_entity=legal_entity,
        start=start,
        end=end,
        anchor=anchor,
    )

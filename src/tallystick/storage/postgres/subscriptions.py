"""The store of subscriptions."""

from collections.abc import Iterable, Mapping, Sequence
from itertools import groupby
from operator import itemgetter

import msgspec
from psycopg import Connection
from psycopg.rows import TupleRow

from tallystick.catalog import (
    ManualLine,
    Term,
    add_on_document,
    contract_change_document,
    contract_change_from_document,
    entitlement_document,
    entitlement_from_document,
    stored_terms,
    term_document,
)
from tallystick.kernel import (
    AccountKey,
    PlanKey,
    PriceKey,
    SubscriptionKey,
    WorkspaceId,
    parse_decimal,
    plain,
)
from tallystick.pricing import document_from_price
from tallystick.storage.postgres.json_column import json_text
from tallystick.subscriptions import ContractChange, Subscription, change_id, manual_line_id

_COLUMNS = """
key, account, plan, version, legal_entity, started_at, ended_at, anchor, trial_end, quantities,
add_ons, prices, currency, usable_from, term, entitlements
"""
SUBSCRIPTION = f"""
SELECT {_COLUMNS}, (
  SELECT jsonb_agg(document ORDER BY at, number) FROM subscription_change AS change
  WHERE change.workspace_id = subscription.workspace_id
    AND change.subscription = subscription.key AND NOT withdrawn
), (
  SELECT jsonb_agg(document ORDER BY number) FROM manual_line AS line
  WHERE line.workspace_id = subscription.workspace_id
    AND line.subscription = subscription.key AND NOT withdrawn
)
FROM subscription
"""
_ALL = f"{SUBSCRIPTION} ORDER BY key"
_BY_KEY = f"{SUBSCRIPTION} WHERE key = %s"
_MANY = f"{SUBSCRIPTION} WHERE key = ANY(%s)"
_OF_PAYER = f"""
WITH RECURSIVE below AS (
  SELECT key FROM account WHERE key = %s
  UNION
  SELECT a.key FROM below JOIN account AS a ON a.parent = below.key WHERE NOT a.invoiced)
{SUBSCRIPTION} WHERE account IN (SELECT key FROM below) ORDER BY key
"""
# Each account of a circle is gone through once: no payer is found there.
_BY_PAYER = """
WITH RECURSIVE up AS (
  SELECT key AS account, key, parent, invoiced FROM account
  WHERE key IN (SELECT account FROM subscription)
  UNION
  SELECT up.account, a.key, a.parent, a.invoiced
  FROM up JOIN account AS a ON a.key = up.parent WHERE NOT up.invoiced)
SELECT coalesce(up.key, s.account), s.key
FROM subscription AS s LEFT JOIN up ON up.account = s.account AND up.invoiced ORDER BY 1, 2
"""
_PAGE = f"""
{SUBSCRIPTION} WHERE key > %s AND (%s::text IS NULL OR account = %s) ORDER BY key LIMIT %s
"""
_SAVE = f"""
INSERT INTO subscription (workspace_id, {_COLUMNS})
SELECT %s, * FROM unnest(%s::text[], %s::text[], %s::text[], %s::integer[], %s::text[],
  %s::timestamptz[], %s::timestamptz[], %s::date[], %s::timestamptz[], %s::jsonb[],
  %s::jsonb[], %s::jsonb[], %s::text[], %s::timestamptz[], %s::jsonb[],
  %s::jsonb[])
ON CONFLICT (workspace_id, key) DO UPDATE SET ended_at = excluded.ended_at
"""
# One that was taken back and is agreed on again takes its place behind those agreed on since.
_SAVE_CHANGES = """
INSERT INTO subscription_change (workspace_id, subscription, id, at, document)
SELECT %s, * FROM unnest(%s::text[], %s::text[], %s::timestamptz[], %s::jsonb[])
ON CONFLICT (workspace_id, subscription, id)
  DO UPDATE SET withdrawn = false, number = DEFAULT WHERE subscription_change.withdrawn
"""
_WITHDRAW = """
UPDATE subscription_change SET withdrawn = true
WHERE subscription = %s AND id = %s AND NOT withdrawn
"""
_ORDER = """
INSERT INTO manual_line (workspace_id, subscription, id, document) VALUES (%s, %s, %s, %s::jsonb)
ON CONFLICT (workspace_id, subscription, id)
  DO UPDATE SET withdrawn = false, number = DEFAULT, document = excluded.document
  WHERE manual_line.withdrawn
"""
_TAKE_BACK = """
UPDATE manual_line SET withdrawn = true WHERE subscription = %s AND id = %s AND NOT withdrawn
"""


class PostgresSubscriptions:
    """The subscriptions of one workspace; of one that stands the end may change, and changes."""

    def __init__(self, connection: Connection, workspace: WorkspaceId) -> None:
        self._connection = connection
        self._workspace = workspace

    def load_subscriptions(self) -> Mapping[SubscriptionKey, Subscription]:
        found = map(subscription_from_row, self._connection.execute(_ALL))
        return {subscription.key: subscription for subscription in found}

    def load_subscription(self, key: SubscriptionKey) -> Subscription | None:
        row = self._connection.execute(_BY_KEY, [key]).fetchone()
        return None if row is None else subscription_from_row(row)

    def load_many(self, keys: Iterable[SubscriptionKey]) -> Mapping[SubscriptionKey, Subscription]:
        found = map(subscription_from_row, self._connection.execute(_MANY, [list(keys)]))
        return {subscription.key: subscription for subscription in found}

    def load_of_payer(self, payer: AccountKey) -> Mapping[SubscriptionKey, Subscription]:
        found = self._connection.execute(_OF_PAYER, [payer])
        return {one.key: one for one in map(subscription_from_row, found)}

    def keys_by_payer(self) -> Mapping[AccountKey, Sequence[SubscriptionKey]]:
        rows = self._connection.execute(_BY_PAYER)
        return {
            AccountKey(payer): [SubscriptionKey(key) for _, key in of_payer]
            for payer, of_payer in groupby(rows, key=itemgetter(0))
        }

    def list_subscriptions(
        self, *, after: str, limit: int, account: AccountKey | None = None
    ) -> tuple[Subscription, ...]:
        rows = self._connection.execute(_PAGE, [after, account, account, limit])
        return tuple(map(subscription_from_row, rows))

    def save_subscriptions(self, subscriptions: Iterable[Subscription]) -> None:
        subscriptions = list(subscriptions)
        rows = [_row_from_subscription(subscription) for subscription in subscriptions]
        if rows:
            columns = (list(column) for column in zip(*rows, strict=True))
            self._connection.execute(_SAVE, [self._workspace, *columns])
        changes = [
            (one.key, change_id(one.key, change), change.at, _change_text(change))
            for one in subscriptions
            for change in one.changes
        ]
        if changes:
            columns = (list(column) for column in zip(*changes, strict=True))
            self._connection.execute(_SAVE_CHANGES, [self._workspace, *columns])

    def withdraw_change(self, key: SubscriptionKey, change: ContractChange) -> None:
        self._connection.execute(_WITHDRAW, [key, change_id(key, change)])

    def order_line(self, key: SubscriptionKey, line: ManualLine) -> None:
        document = msgspec.json.encode(line).decode()
        self._connection.execute(
            _ORDER, [self._workspace, key, manual_line_id(key, line), document]
        )

    def take_line_back(self, key: SubscriptionKey, line: ManualLine) -> None:
        self._connection.execute(_TAKE_BACK, [key, manual_line_id(key, line)])


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
        subscription.trial_end,
        json_text({key: plain(quantity) for key, quantity in subscription.quantities}),
        json_text([add_on_document(one) for one in subscription.add_ons]),
        json_text([document_from_price(price) for price in subscription.prices]),
        subscription.currency,
        subscription.usable_from,
        json_text(term_document(subscription.term)),
        json_text([entitlement_document(one) for one in subscription.entitlements]),
    )


def subscription_from_row(row: TupleRow) -> Subscription:
    """Return a subscription as `SUBSCRIPTION` selects it."""
    key, account, plan, version, legal_entity, start, end, anchor, *agreed = row
    trial, quantities, taken, own, currency, usable_from, term, granted, changes, manual = agreed
    add_ons, prices = stored_terms(taken, own)
    return Subscription(
        key=SubscriptionKey(key),
        account=AccountKey(account),
        plan=PlanKey(plan),
        version=version,
        legal_entity=legal_entity,
        start=start,
        end=end,
        anchor=anchor,
        trial_end=trial,
        quantities=tuple(
            (PriceKey(price), parse_decimal(text)) for price, text in sorted(quantities.items())
        ),
        add_ons=add_ons,
        prices=prices,
        currency=currency,
        usable_from=usable_from,
        term=Term(**term) if term else None,
        entitlements=tuple(map(entitlement_from_document, granted)),
        changes=tuple(contract_change_from_document(change) for change in changes or ()),
        manual=tuple(msgspec.convert(line, ManualLine) for line in manual or ()),
    )


def _change_text(change: ContractChange) -> str:
    return json_text(contract_change_document(change))

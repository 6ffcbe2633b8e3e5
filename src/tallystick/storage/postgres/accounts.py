"""
The store of accounts, resources and dated ownership.

A resource's owners stand in ``ownership`` alone, one row per interval; the database refuses two
that overlap.  Thousands are saved in one statement each.
"""

import json
from collections.abc import Iterable, Iterator, Mapping
from itertools import groupby
from operator import itemgetter

import msgspec
from psycopg import Connection
from psycopg.rows import TupleRow
from psycopg.types.range import TimestamptzRange

from tallystick.accounts import (
    Account,
    Contact,
    Ownership,
    Resource,
    Transfer,
    ZoneChange,
    ownerships_of,
)
from tallystick.catalog import (
    consolidated_document,
    least_invoice_document,
    payer_changes_document,
    stored_gathering,
    stored_payer_changes,
    taxpayer_document,
    taxpayer_from_document,
)
from tallystick.kernel import (
    AccountKey,
    InvariantBroken,
    ResourceKey,
    WorkspaceId,
    canonical_json,
    instant,
)
from tallystick.storage.postgres.json_column import columns, json_object, json_text, json_value

ACCOUNT = (
    "key, name, parent, zone, zone_changes::text, currency, invoiced, country, contact::text,"
    " tax::text, payment_days, consolidated::text, least_invoice::text,"
    " payer_changes::text"
)
_ACCOUNTS = f"SELECT {ACCOUNT} FROM account ORDER BY key"
_ACCOUNT_PAGE = f"""
SELECT {ACCOUNT} FROM account
WHERE key > %s AND (%s::text IS NULL OR key = %s) ORDER BY key LIMIT %s
"""
_ACCOUNT_BY_KEY = f"SELECT {ACCOUNT} FROM account WHERE key = %s"
_GATHERING = f"""
SELECT {ACCOUNT} FROM account WHERE consolidated <> '[]' OR least_invoice IS NOT NULL ORDER BY key
"""
_SAVE_ACCOUNTS = """
INSERT INTO account
  (workspace_id, key, name, parent, zone, zone_changes, currency, invoiced, country, contact, tax,
   payment_days, consolidated, least_invoice, payer_changes)
SELECT %s, * FROM unnest(%s::text[], %s::text[], %s::text[], %s::text[], %s::jsonb[], %s::text[],
  %s::boolean[], %s::text[], %s::jsonb[], %s::jsonb[], %s::integer[],
  %s::jsonb[], %s::jsonb[], %s::jsonb[])
ON CONFLICT (workspace_id, key) DO UPDATE SET
  name = excluded.name, parent = excluded.parent, zone = excluded.zone,
  zone_changes = excluded.zone_changes, currency = excluded.currency,
  invoiced = excluded.invoiced, country = excluded.country,
  contact = excluded.contact, tax = excluded.tax, payment_days = excluded.payment_days,
  consolidated = excluded.consolidated, least_invoice = excluded.least_invoice,
  payer_changes = excluded.payer_changes
"""

_RESOURCE = """
SELECT r.key, r.kind, r.started_at, r.ended_at, r.attributes::text, o.account, o.during
FROM resource AS r
JOIN ownership AS o ON o.workspace_id = r.workspace_id AND o.resource = r.key
"""
_RESOURCES = f"{_RESOURCE} ORDER BY r.key, o.during"
_RESOURCES_BY_KEY = f"{_RESOURCE} WHERE r.key = ANY(%s) ORDER BY r.key, o.during"
_RESOURCE_PAGE = """
SELECT key FROM resource AS r
WHERE key > %s AND (%s::text IS NULL OR EXISTS (
  SELECT FROM ownership AS o
  WHERE o.workspace_id = r.workspace_id AND o.account = %s AND o.resource = r.key))
ORDER BY key LIMIT %s
"""
_SAVE_RESOURCES = """
INSERT INTO resource (workspace_id, key, kind, started_at, ended_at, attributes)
SELECT %s, * FROM unnest(%s::text[], %s::text[], %s::timestamptz[], %s::timestamptz[], %s::jsonb[])
ON CONFLICT (workspace_id, key) DO UPDATE SET
  kind = excluded.kind, started_at = excluded.started_at, ended_at = excluded.ended_at,
  attributes = excluded.attributes
"""

OWNERSHIP = "SELECT resource, account, lower(during), upper(during) FROM ownership"
_OWNERSHIPS = f"{OWNERSHIP} ORDER BY resource, during"
# An account's own key counts for it only where no resource bears the same key.
_OWNERSHIPS_OF = (
    f"{OWNERSHIP} WHERE account = ANY(%s) OR resource = ANY(%s) ORDER BY resource, during"
)
_FORGET_OWNERSHIPS = "DELETE FROM ownership WHERE resource = ANY(%s)"
_ADD_OWNERSHIPS = """
INSERT INTO ownership (workspace_id, resource, account, during)
SELECT %s, resource, account, tstzrange(start, stop) FROM unnest(
  %s::text[], %s::text[], %s::timestamptz[], %s::timestamptz[])
  AS o (resource, account, start, stop)
"""


class PostgresAccounts:
    """The accounts and resources of one workspace."""

    def __init__(self, connection: Connection, workspace: WorkspaceId) -> None:
        self._connection = connection
        self._workspace = workspace

    def load_accounts(self) -> Mapping[AccountKey, Account]:
        accounts = map(account_from_row, self._connection.execute(_ACCOUNTS))
        return {account.key: account for account in accounts}

    def load_gathering(self) -> Mapping[AccountKey, Account]:
        found = map(account_from_row, self._connection.execute(_GATHERING))
        return {account.key: account for account in found}

    def load_resources(self) -> Mapping[ResourceKey, Resource]:
        resources = _resources_from_rows(self._connection.execute(_RESOURCES))
        return {resource.key: resource for resource in resources}

    def load_ownerships(self, *accounts: AccountKey) -> tuple[Ownership, ...]:
        if accounts:
            rows = self._connection.execute(_OWNERSHIPS_OF, [list(accounts), list(accounts)])
        else:
            rows = self._connection.execute(_OWNERSHIPS)
        return tuple(map(ownership_from_row, rows))

    def load_account(self, key: AccountKey) -> Account | None:
        row = self._connection.execute(_ACCOUNT_BY_KEY, [key]).fetchone()
        return None if row is None else account_from_row(row)

    def load_resource(self, key: ResourceKey) -> Resource | None:
        rows = self._connection.execute(_RESOURCES_BY_KEY, [[key]])
        return next(_resources_from_rows(rows), None)

    def list_accounts(
        self, *, after: str, limit: int, only: AccountKey | None = None
    ) -> tuple[Account, ...]:
        rows = self._connection.execute(_ACCOUNT_PAGE, [after, only, only, limit])
        return tuple(map(account_from_row, rows))

    def list_resources(
        self, *, after: str, limit: int, account: AccountKey | None = None
    ) -> tuple[Resource, ...]:
        found = self._connection.execute(_RESOURCE_PAGE, [after, account, account, limit])
        keys = [key for (key,) in found]
        return tuple(_resources_from_rows(self._connection.execute(_RESOURCES_BY_KEY, [keys])))

    def save_accounts(self, accounts: Iterable[Account]) -> None:
        rows = [_row_from_account(account) for account in accounts]
        if rows:
            self._connection.execute(_SAVE_ACCOUNTS, [self._workspace, *columns(rows)])

    def save_resources(self, resources: Iterable[Resource]) -> None:
        saved = list(resources)
        if not saved:
            return
        rows = [_row_from_resource(resource) for resource in saved]
        owned = [
            _row_from_ownership(each) for resource in saved for each in ownerships_of(resource)
        ]
        self._connection.execute(_SAVE_RESOURCES, [self._workspace, *columns(rows)])
        self._connection.execute(_FORGET_OWNERSHIPS, [[resource.key for resource in saved]])
        self._connection.execute(_ADD_OWNERSHIPS, [self._workspace, *columns(owned)])


def _row_from_account(account: Account) -> tuple[object, ...]:
    return (
        account.key,
        account.name,
        account.parent,
        account.zone,
        canonical_json(account.zone_changes).decode(),
        account.currency,
        account.invoiced,
        account.country,
        canonical_json(account.contact).decode(),
        json_text(taxpayer_document(account.tax)),
        account.payment_days,
        json_text(consolidated_document(account.consolidated)),
        json_text(least) if (least := least_invoice_document(account.least_invoice)) else None,
        json_text(payer_changes_document(account.payer_changes)),
    )


def account_from_row(row: TupleRow) -> Account:
    """Return an account as `ACCOUNT` selects it."""
    key, name, parent, zone, zone_changes, currency, invoiced, country, contact, tax, *rest = row
    days, *gathering, moves = rest
    together, least = stored_gathering(*(json_value(text) for text in gathering))
    return Account(
        key=AccountKey(key),
        name=name,
        parent=None if parent is None else AccountKey(parent),
        zone=zone,
        currency=currency,
        invoiced=invoiced,
        country=country,
        contact=msgspec.json.decode(contact, type=Contact),
        zone_changes=tuple(
            ZoneChange(zone=change["zone"], at=instant(change["at"]))
            for change in json.loads(zone_changes)
        ),
        tax=taxpayer_from_document(json_object(tax)),
        payment_days=days,
        consolidated=together,
        least_invoice=least,
        payer_changes=stored_payer_changes(json_value(moves)),
    )


def _row_from_resource(resource: Resource) -> tuple[object, ...]:
    return (
        resource.key,
        resource.kind,
        resource.started_at,
        resource.ended_at,
        json_text(dict(resource.attributes)),
    )


def _resources_from_rows(rows: Iterable[TupleRow]) -> Iterator[Resource]:
    """Put together the rows of each resource, one per owner in order of time."""
    for _, group in groupby(rows, key=itemgetter(0)):
        first, *others = group
        key, kind, started_at, ended_at, attributes, account, _ = first
        texts = json_object(attributes)
        yield Resource(
            key=ResourceKey(key),
            account=AccountKey(account),
            kind=kind,
            started_at=started_at,
            ended_at=ended_at,
            attributes={name: str(value) for name, value in texts.items()},
            transfers=tuple(_transfer_from_row(row) for row in others),
        )


def _transfer_from_row(row: TupleRow) -> Transfer:
    during: TimestamptzRange = row[6]
    if during.lower is None:
        raise InvariantBroken(f"a later owner of resource {row[0]!r} has no beginning")
    return Transfer(account=AccountKey(row[5]), at=during.lower)


def _row_from_ownership(ownership: Ownership) -> tuple[object, ...]:
    return (ownership.resource, ownership.account, ownership.start, ownership.end)


def ownership_from_row(row: TupleRow) -> Ownership:
    """Return what `OWNERSHIP` selects."""
    resource, account, start, end = row
    return Ownership(
        resource=ResourceKey(resource), account=AccountKey(account), start=start, end=end
    )

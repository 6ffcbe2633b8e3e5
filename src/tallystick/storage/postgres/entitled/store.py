"""The store of manual grants and restrictions."""

from collections.abc import Iterable
from datetime import datetime

from psycopg import Connection
from psycopg.rows import TupleRow

from tallystick.app.entitlements import Ending
from tallystick.catalog import (
    entitlement_document,
    entitlement_from_document,
    read_throttle,
    throttle_document,
)
from tallystick.entitlements import ManualGrant, Restriction, RestrictionSource
from tallystick.kernel import AccountKey, WorkspaceId
from tallystick.storage.postgres.json_column import json_text

_GRANT = """
SELECT g.id, g.account, g.document, g.starts_at, least(g.ends_at, (
  SELECT min(e.at) FROM manual_grant_end AS e
  WHERE e.workspace_id = g.workspace_id AND e.grant_id = g.id)), g.reason, g.granted_by
FROM manual_grant AS g
"""
_GRANTS_OF = f"{_GRANT} WHERE g.account = ANY(%s) ORDER BY g.number"
_GRANT_BY_ID = f"{_GRANT} WHERE g.id = %s"
_RESTRICTION = """
SELECT r.id, r.account, r.feature, r.most, r.reason, r.source, r.starts_at, least(r.ends_at, (
  SELECT min(e.at) FROM restriction_end AS e
  WHERE e.workspace_id = r.workspace_id AND e.restriction_id = r.id)), r.throttle
FROM restriction AS r
"""
_RESTRICTIONS_OF = f"{_RESTRICTION} WHERE r.account = ANY(%s) ORDER BY r.number"
_RESTRICTION_BY_ID = f"{_RESTRICTION} WHERE r.id = %s"
_LOCK = (
    "SELECT pg_advisory_xact_lock(hashtextextended('tallystick.entitled:' || %s || ':' || %s, 0))"
)
_COUNT = """
SELECT (SELECT count(*) FROM manual_grant WHERE account = %s)
  + (SELECT count(*) FROM restriction WHERE account = %s)
"""
_ADD_GRANT = """
INSERT INTO manual_grant (workspace_id, id, account, feature, document, starts_at, ends_at, reason,
  granted_by, recorded_at)
VALUES (%s, %s, %s, %s, %s, %s, %s, %s, %s, %s)
"""
_END_GRANT = """
INSERT INTO manual_grant_end (workspace_id, grant_id, at, reason, ended_by, recorded_at)
VALUES (%s, %s, %s, %s, %s, %s)
"""
_ADD_RESTRICTION = """
INSERT INTO restriction (workspace_id, id, account, feature, most, source, starts_at, ends_at,
  reason, restricted_by, recorded_at, throttle)
VALUES (%s, %s, %s, %s, %s, %s, %s, %s, %s, %s, %s, %s)
"""
_END_RESTRICTION = """
INSERT INTO restriction_end (workspace_id, restriction_id, at, reason, ended_by, recorded_at)
VALUES (%s, %s, %s, %s, %s, %s)
"""


class PostgresEntitlements:
    """What accounts of one workspace were granted by hand, and held to."""

    def __init__(self, connection: Connection, workspace: WorkspaceId) -> None:
        self._connection = connection
        self._workspace = workspace

    def load_grants(self, accounts: Iterable[AccountKey]) -> tuple[ManualGrant, ...]:
        rows = self._connection.execute(_GRANTS_OF, [list(accounts)])
        return tuple(map(_grant_from_row, rows))

    def load_restrictions(self, accounts: Iterable[AccountKey]) -> tuple[Restriction, ...]:
        rows = self._connection.execute(_RESTRICTIONS_OF, [list(accounts)])
        return tuple(map(_restriction_from_row, rows))

    def hold(self, account: AccountKey) -> int:
        self._connection.execute(_LOCK, [self._workspace, account])
        row = self._connection.execute(_COUNT, [account, account]).fetchone()
        return 0 if row is None else int(row[0])

    def find_grant(self, id_: str) -> ManualGrant | None:
        row = self._connection.execute(_GRANT_BY_ID, [id_]).fetchone()
        return None if row is None else _grant_from_row(row)

    def find_restriction(self, id_: str) -> Restriction | None:
        row = self._connection.execute(_RESTRICTION_BY_ID, [id_]).fetchone()
        return None if row is None else _restriction_from_row(row)

    def add_grant(self, grant: ManualGrant, *, at: datetime) -> None:
        row = [
            self._workspace,
            grant.id,
            grant.account,
            grant.grant.feature,
            json_text(entitlement_document(grant.grant)),
            grant.start,
            grant.end,
            grant.reason,
            grant.granted_by,
            at,
        ]
        self._connection.execute(_ADD_GRANT, row)

    def end_grant(self, id_: str, ending: Ending) -> None:
        row = [self._workspace, id_, ending.at, ending.reason, ending.ended_by, ending.recorded_at]
        self._connection.execute(_END_GRANT, row)

    def add_restriction(self, restriction: Restriction, *, by: str, at: datetime) -> None:
        row = [
            self._workspace,
            restriction.id,
            restriction.account,
            restriction.feature or None,
            restriction.limit,
            restriction.source.value,
            restriction.start,
            restriction.end,
            restriction.reason,
            by,
            at,
            None
            if restriction.throttle is None
            else json_text(throttle_document(restriction.throttle)),
        ]
        self._connection.execute(_ADD_RESTRICTION, row)

    def end_restriction(self, id_: str, ending: Ending) -> None:
        row = [self._workspace, id_, ending.at, ending.reason, ending.ended_by, ending.recorded_at]
        self._connection.execute(_END_RESTRICTION, row)


def _grant_from_row(row: TupleRow) -> ManualGrant:
    id_, account, document, start, end, reason, by = row
    return ManualGrant(
        id=id_,
        account=AccountKey(account),
        grant=entitlement_from_document(document),
        start=start,
        end=end,
        reason=reason,
        granted_by=by,
    )


def _restriction_from_row(row: TupleRow) -> Restriction:
    id_, account, feature, most, reason, source, start, end, throttle = row
    return Restriction(
        id=id_,
        account=AccountKey(account),
        feature=feature or "",
        limit=most,
        throttle=None if throttle is None else read_throttle(throttle),
        reason=reason,
        source=RestrictionSource(source),
        start=start,
        end=end,
    )

"""The stores of number series and of parked accounts."""

from collections.abc import Sequence
from datetime import date

from psycopg import Connection
from psycopg.rows import TupleRow

from tallystick.app.invoicing import ParkedAccount
from tallystick.invoicing import DocumentType, Series
from tallystick.kernel import AccountKey, Done, Outcome, WorkspaceId, check, refuse

# The row is locked from here to the commit. A first issue makes it; two at once wait on its key.
_TAKE = """
INSERT INTO invoice_series AS s
  (workspace_id, legal_entity, document_type, year, last_number, last_issued_on)
VALUES (%s, %s, %s, %s, %s, %s)
ON CONFLICT (workspace_id, legal_entity, document_type) DO UPDATE SET
  last_number = excluded.last_number
    + CASE WHEN s.year = excluded.year THEN s.last_number ELSE 0 END,
  year = excluded.year, last_issued_on = excluded.last_issued_on
WHERE s.last_issued_on <= excluded.last_issued_on
RETURNING last_number
"""
_LAST_DATE = """
SELECT last_issued_on FROM invoice_series WHERE legal_entity = %s AND document_type = %s FOR UPDATE
"""
_PARK = """
INSERT INTO parked_account
  (workspace_id, account, subscription, code, message, position, parked_at)
VALUES (%s, %s, %s, %s, %s, %s, %s)
ON CONFLICT (workspace_id, account) DO UPDATE SET
  subscription = excluded.subscription, code = excluded.code, message = excluded.message,
  position = excluded.position, parked_at = excluded.parked_at
WHERE (parked_account.subscription, parked_account.code, parked_account.message)
  IS DISTINCT FROM (excluded.subscription, excluded.code, excluded.message)
RETURNING account
"""
_RELEASE = "DELETE FROM parked_account WHERE account = ANY(%s)"
_PARKED_ONE = """
SELECT account, subscription, code, message, position, parked_at FROM parked_account
WHERE account = %s
"""
_PARKED = """
SELECT account, subscription, code, message, position, parked_at FROM parked_account
WHERE account > %s ORDER BY account LIMIT %s
"""
_COUNT_PARKED = "SELECT count(workspace_id) FROM parked_account"


class PostgresInvoiceSeries:
    """The number series of one workspace."""

    def __init__(self, connection: Connection, workspace: WorkspaceId) -> None:
        self._connection = connection
        self._workspace = workspace

    def take(self, series: Series, *, count: int, issued_on: date) -> Outcome[int]:
        check(count >= 1, "at least one number is taken")
        values = (series.legal_entity, series.document_type, series.year, count, issued_on)
        row = self._connection.execute(_TAKE, [self._workspace, *values]).fetchone()
        if row is None:
            message = f"a document of a later date than {issued_on} was issued; try again"
            return refuse("issue_date_decreases", message, "issued_on")
        (last,) = row
        return Done(last - count + 1)

    def last_date(self, legal_entity: str, document_type: DocumentType) -> date | None:
        row = self._connection.execute(_LAST_DATE, [legal_entity, document_type]).fetchone()
        return None if row is None else row[0]


class PostgresParkedAccounts:
    """The parked accounts of one workspace."""

    def __init__(self, connection: Connection, workspace: WorkspaceId) -> None:
        self._connection = connection
        self._workspace = workspace

    def park(self, parked: ParkedAccount) -> bool:
        row = (parked.account, parked.subscription, parked.code, parked.message)
        values = (self._workspace, *row, parked.position, parked.parked_at)
        return self._connection.execute(_PARK, values).fetchone() is not None

    def release(self, account: AccountKey) -> None:
        self.release_all([account])

    def release_all(self, accounts: Sequence[AccountKey]) -> None:
        self._connection.execute(_RELEASE, [list(accounts)])

    def page(self, *, after: str, limit: int) -> list[ParkedAccount]:
        return [_parked_from_row(row) for row in self._connection.execute(_PARKED, [after, limit])]

    def find(self, account: AccountKey) -> ParkedAccount | None:
        row = self._connection.execute(_PARKED_ONE, [account]).fetchone()
        return None if row is None else _parked_from_row(row)


class PostgresParkedFigures:
    """Parked accounts of all workspaces, for the runner."""

    def __init__(self, connection: Connection) -> None:
        self._connection = connection

    def count(self) -> int:
        row = self._connection.execute(_COUNT_PARKED).fetchone()
        return 0 if row is None else int(row[0])


def _parked_from_row(row: TupleRow) -> ParkedAccount:
    account, subscription, code, message, position, parked_at = row
    return ParkedAccount(
        account=account,
        subscription=subscription,
        code=code,
        message=message,
        position=position,
        parked_at=parked_at,
    )

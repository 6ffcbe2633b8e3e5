"""The store of what single documents still stand for."""

from datetime import datetime

from psycopg import Connection

from tallystick.kernel import AccountKey, Currency, InvoiceId, Money, WorkspaceId, check
from tallystick.storage.postgres.receivable.owed import due_of

_COUNT_ONE_OFF = "SELECT count(*) FROM invoice WHERE account = %s AND purpose = 'one_off'"
_DUE = f"""
SELECT {due_of("i")}, i.currency, i.exponent FROM invoice AS i
WHERE i.number IS NOT NULL AND i.id = %s
"""
_IS_WRITTEN_OFF = "SELECT 1 FROM invoice_write_off WHERE invoice_id = %s"
_WRITE_OFF = """
INSERT INTO invoice_write_off (workspace_id, invoice_id, minor, reason, written_off_at)
VALUES (%s, %s, %s, %s, %s)
"""


class PostgresReceivables:
    """What documents of one workspace still stand for, and what was given up of them."""

    def __init__(self, connection: Connection, workspace: WorkspaceId) -> None:
        self._connection = connection
        self._workspace = workspace

    def count_one_off(self, payer: AccountKey) -> int:
        row = self._connection.execute(_COUNT_ONE_OFF, [payer]).fetchone()
        return 0 if row is None else int(row[0])

    def due(self, id: InvoiceId) -> Money:
        row = self._connection.execute(_DUE, [id]).fetchone()
        check(row is not None, f"there is no issued document {id}")
        minor, code, exponent = row or (0, "", 0)
        return Money(minor=int(minor), currency=Currency(code=code, exponent=exponent))

    def is_uncollectible(self, id: InvoiceId) -> bool:
        return self._connection.execute(_IS_WRITTEN_OFF, [id]).fetchone() is not None

    def mark_uncollectible(self, id: InvoiceId, *, money: Money, reason: str, at: datetime) -> None:
        self._connection.execute(_WRITE_OFF, [self._workspace, id, money.minor, reason, at])

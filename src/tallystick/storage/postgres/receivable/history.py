"""The store of the documents that a payer was issued, one after the other."""

from psycopg import Connection

from tallystick.invoicing import Invoice, PastDocument
from tallystick.kernel import Currency, Money

# Of a draft, which was not issued, all are before it.
_BEFORE = """
SELECT i.number, i.issued_on, i.total_minor, i.currency, i.exponent
FROM invoice AS i
LEFT JOIN invoice AS own ON own.workspace_id = i.workspace_id AND own.id = %s
WHERE i.account = %s AND i.legal_entity = %s AND i.currency = %s AND i.exponent = %s
  AND i.number IS NOT NULL AND i.id <> %s
  AND (own.number IS NULL OR (i.issued_at, i.issue_order) < (own.issued_at, own.issue_order))
ORDER BY i.issued_at DESC, i.issue_order DESC LIMIT %s
"""


class PostgresDocumentHistory:
    """Documents of one workspace, in the order of issue."""

    def __init__(self, connection: Connection) -> None:
        self._connection = connection

    def before(self, invoice: Invoice, *, limit: int) -> tuple[PastDocument, ...]:
        money = invoice.currency
        rows = self._connection.execute(
            _BEFORE,
            [
                invoice.id,
                invoice.account,
                invoice.legal_entity,
                money.code,
                money.exponent,
                invoice.id,
                limit,
            ],
        ).fetchall()
        return tuple(
            PastDocument(
                number=number,
                issued_on=issued_on,
                total=Money(minor=int(minor), currency=Currency(code=code, exponent=exponent)),
            )
            for number, issued_on, minor, code, exponent in reversed(rows)
        )

"""The store of sealed usage."""

from collections.abc import Iterable

import zstandard
from psycopg import Connection
from psycopg.rows import TupleRow

from tallystick.app.invoicing import DocumentChanged
from tallystick.invoicing import SealedUsage, rows_from_content, sealed_content
from tallystick.kernel import InvoiceId, Period, PriceKey, SubscriptionKey, WorkspaceId, digest

_LOAD = """
SELECT document, price, window_start, window_end, digest, content FROM sealed_usage
WHERE subscription = %s ORDER BY window_start, price, document
"""
_SAVE = """
INSERT INTO sealed_usage (workspace_id, subscription, document, price, window_start, window_end,
  position, digest, content)
VALUES (%s, %s, %s, %s, %s, %s, %s, %s, %s)
ON CONFLICT DO NOTHING
"""


class PostgresSealed:
    """What was sealed of one workspace."""

    def __init__(self, connection: Connection, workspace: WorkspaceId) -> None:
        self._connection = connection
        self._workspace = workspace

    def load(self, subscription: SubscriptionKey) -> tuple[SealedUsage, ...]:
        rows = self._connection.execute(_LOAD, [subscription])
        return tuple(_sealed_from_row(row, subscription) for row in rows)

    def save(
        self, subscription: SubscriptionKey, sealed: Iterable[SealedUsage], *, position: int
    ) -> None:
        rows = [(self._workspace, subscription, *_row_from_sealed(one, position)) for one in sealed]
        with self._connection.cursor() as cursor:
            cursor.executemany(_SAVE, rows)


def _row_from_sealed(sealed: SealedUsage, position: int) -> tuple[object, ...]:
    content = sealed_content(sealed)
    place = (sealed.document or "", sealed.price, sealed.window.start, sealed.window.end)
    return (*place, position, digest(content), zstandard.compress(content))


def _sealed_from_row(row: TupleRow, subscription: SubscriptionKey) -> SealedUsage:
    document, price, start, end, said, packed = row
    content = zstandard.decompress(packed)
    if digest(content) != said:
        raise DocumentChanged(f"sealed usage of {price} from {start} was changed in the store")
    window = Period(start=start, end=end)
    return SealedUsage(
        document=InvoiceId(document) if document else None,
        price=PriceKey(price),
        window=window,
        rows=rows_from_content(content, window),
        subscription=subscription,
    )

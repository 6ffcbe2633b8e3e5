"""The store of sealed usage."""

from collections.abc import Iterable, Mapping

import zstandard
from psycopg import Connection
from psycopg.rows import TupleRow

from tallystick.app.invoicing import DocumentChanged
from tallystick.invoicing import (
    Invoice,
    Line,
    SealedUsage,
    UsageByDay,
    days_content,
    days_from_content,
    rows_from_content,
    sealed_content,
)
from tallystick.kernel import InvoiceId, Period, PriceKey, SubscriptionKey, WorkspaceId, digest

_LOAD = """
SELECT document, price, window_start, window_end, digest, content FROM sealed_usage
WHERE subscription = %s AND NOT starts_with(document, %s) ORDER BY window_start, price, document
"""
_SAVE = """
INSERT INTO sealed_usage (workspace_id, subscription, document, price, window_start, window_end,
  position, digest, content)
VALUES (%s, %s, %s, %s, %s, %s, %s, %s, %s)
ON CONFLICT DO NOTHING
"""
_LOAD_DAYS = """
SELECT price, digest, content FROM sealed_usage WHERE subscription = ANY(%s) AND document = %s
"""
# Before the id of a document: its charts' usage by day, of one line each, in the place of a price.
_DAYS = "days of "


class PostgresSealed:
    """What was sealed of one workspace."""

    def __init__(self, connection: Connection, workspace: WorkspaceId) -> None:
        self._connection = connection
        self._workspace = workspace

    def load(self, subscription: SubscriptionKey) -> tuple[SealedUsage, ...]:
        rows = self._connection.execute(_LOAD, [subscription, _DAYS])
        return tuple(_sealed_from_row(row, subscription) for row in rows)

    def save(
        self, subscription: SubscriptionKey, sealed: Iterable[SealedUsage], *, position: int
    ) -> None:
        rows = [(self._workspace, subscription, *_row_from_sealed(one, position)) for one in sealed]
        with self._connection.cursor() as cursor:
            cursor.executemany(_SAVE, rows)

    def load_days(self, document: Invoice) -> Mapping[str, UsageByDay]:
        asked = [list(document.contracts), _DAYS + document.id]
        rows = self._connection.execute(_LOAD_DAYS, asked)
        return {line: _days_from_row(line, said, packed) for line, said, packed in rows}

    def save_days(self, document: InvoiceId, charted: Iterable[tuple[Line, UsageByDay]]) -> None:
        rows = [
            (self._workspace, line.key.subscription, *_row_from_days(document, line, usage))
            for line, usage in charted
        ]
        with self._connection.cursor() as cursor:
            cursor.executemany(_SAVE, rows)


def _row_from_days(document: InvoiceId, line: Line, usage: UsageByDay) -> tuple[object, ...]:
    content, period = days_content(usage), line.key.period
    place = (_DAYS + document, line.id, period.start, period.end)
    return (*place, line.position, digest(content), zstandard.compress(content))


def _days_from_row(line: str, said: str, packed: bytes) -> UsageByDay:
    content = zstandard.decompress(packed)
    if digest(content) != said:
        raise DocumentChanged(f"sealed usage by day of {line} was changed in the store")
    return days_from_content(content)


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

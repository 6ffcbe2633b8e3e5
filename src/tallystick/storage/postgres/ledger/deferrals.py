"""The store of deferred revenue: what waits for which month, and what was earned."""

from collections.abc import Iterable, Iterator, Mapping, Sequence

import psycopg
from psycopg import Connection
from psycopg.rows import TupleRow

from tallystick.app.ledger import Scheduled
from tallystick.invoicing import Deferral, LineKey
from tallystick.kernel import (
    Currency,
    EntryId,
    InvariantBroken,
    Money,
    Period,
    PriceKey,
    SubscriptionKey,
    WorkspaceId,
)
from tallystick.ledger import AccountingMonth, DeferredPart, month_of
from tallystick.storage.postgres.json_column import array_text, columns

_OF_KEYS = """
SELECT d.subscription, d.price, d.period_start, max(d.period_end), d.grouped_by,
  d.month, d.currency, d.exponent, sum(d.minor)
FROM deferral AS d
WHERE (d.subscription, d.price, d.period_start) IN (
  SELECT * FROM unnest(%s::text[], %s::text[], %s::timestamptz[]))
GROUP BY d.subscription, d.price, d.period_start, d.grouped_by, d.month, d.currency, d.exponent
ORDER BY d.month
"""
_ADD = """
INSERT INTO deferral (workspace_id, entry_id, ordinal, books, subscription, price, period_start,
  period_end, grouped_by, month, currency, exponent, minor)
SELECT %s, entry_id, ordinal, %s, subscription, price, start, stop, grouped_by::text[], month,
  currency, exponent, minor
FROM unnest(%s::text[], %s::integer[], %s::text[], %s::text[], %s::timestamptz[],
  %s::timestamptz[], %s::text[], %s::date[], %s::text[], %s::smallint[], %s::numeric[])
  AS d (entry_id, ordinal, subscription, price, start, stop, grouped_by, month, currency,
    exponent, minor)
"""
_WAITING = """
FROM deferral AS d
WHERE d.books = %s AND NOT EXISTS (
  SELECT FROM recognition AS r WHERE r.workspace_id = d.workspace_id
    AND r.entry_id = d.entry_id AND r.ordinal = d.ordinal)
"""
_DUE = f"""
SELECT d.entry_id, d.ordinal, d.price, d.month, d.currency, d.exponent, d.minor
{_WAITING} AND d.month <= %s
ORDER BY d.month, d.entry_id, d.ordinal
"""
_SCHEDULE = f"""
SELECT d.month, d.price, d.currency, d.exponent, sum(d.minor)
{_WAITING}
GROUP BY d.month, d.price, d.currency, d.exponent HAVING sum(d.minor) <> 0
ORDER BY d.month, d.price, d.currency
"""
_RECOGNIZE = """
INSERT INTO recognition (workspace_id, entry_id, ordinal, recognized_by)
SELECT %s, *, %s FROM unnest(%s::text[], %s::integer[])
"""


class PostgresDeferrals:
    """Deferred revenue of one workspace."""

    def __init__(self, connection: Connection, workspace: WorkspaceId) -> None:
        self._connection = connection
        self._workspace = workspace

    def load(self, keys: Iterable[LineKey]) -> tuple[Deferral, ...]:
        wanted = [(key.subscription, key.price, key.period.start) for key in keys]
        if not wanted:
            return ()
        columns = [list(column) for column in zip(*wanted, strict=True)]
        return tuple(_deferrals(self._connection.execute(_OF_KEYS, columns)))

    def add(self, entry: EntryId, deferrals: Sequence[Deferral], *, books: str) -> None:
        self.add_all({entry: deferrals}, books=books)

    def add_all(self, deferrals: Mapping[EntryId, Sequence[Deferral]], *, books: str) -> None:
        rows = [
            (
                entry,
                ordinal,
                each.key.subscription,
                each.key.price,
                each.key.period.start,
                each.key.period.end,
                array_text(each.key.group),
                each.month.first_day,
                each.money.currency.code,
                each.money.currency.exponent,
                each.money.minor,
            )
            for entry, parts in deferrals.items()
            for ordinal, each in enumerate(parts)
        ]
        if rows:
            self._connection.execute(_ADD, [self._workspace, books, *columns(rows)])

    def due(self, books: str, *, through: AccountingMonth) -> tuple[DeferredPart, ...]:
        rows = self._connection.execute(_DUE, [books, through.first_day])
        return tuple(
            DeferredPart(
                entry=EntryId(entry),
                ordinal=ordinal,
                price=price,
                month=month_of(month),
                money=_money(code, exponent, minor),
            )
            for entry, ordinal, price, month, code, exponent, minor in rows
        )

    def recognize(self, parts: Sequence[DeferredPart], *, by: EntryId | None) -> None:
        entries, ordinals = [part.entry for part in parts], [part.ordinal for part in parts]
        try:
            self._connection.execute(_RECOGNIZE, (self._workspace, by, entries, ordinals))
        except psycopg.errors.UniqueViolation as error:
            raise InvariantBroken(f"entry {by} would earn a part a second time") from error

    def schedule(self, books: str) -> tuple[Scheduled, ...]:
        rows = self._connection.execute(_SCHEDULE, [books])
        return tuple(
            Scheduled(month=month_of(month), price=price, money=_money(code, exponent, minor))
            for month, price, code, exponent, minor in rows
        )


def _deferrals(rows: Iterator[TupleRow]) -> Iterator[Deferral]:
    for subscription, price, start, end, group, month, code, exponent, minor in rows:
        key = LineKey(
            subscription=SubscriptionKey(subscription),
            price=PriceKey(price),
            period=Period(start=start, end=end),
            group=tuple(group),
        )
        yield Deferral(key=key, month=month_of(month), money=_money(code, exponent, minor))


def _money(code: str, exponent: int, minor: int) -> Money:
    return Money(minor=int(minor), currency=Currency(code=code, exponent=exponent))

"""The table of published exchange rates of one workspace; rows are added, never changed."""

from collections.abc import Collection, Iterator, Sequence
from datetime import date, datetime

from psycopg import Connection
from psycopg.rows import TupleRow

from tallystick.currency import PublishedRate
from tallystick.kernel import WorkspaceId

_GIVEN = """
unnest(%s::text[], %s::text[], %s::text[], %s::date[], %s::numeric[])
  AS given (source, base, quote, day, rate)
"""
_ADD = f"""
INSERT INTO exchange_rate (workspace_id, imported_at, source, base, quote, day, rate)
SELECT %s, %s, * FROM {_GIVEN}
ON CONFLICT DO NOTHING
"""
_COLUMNS = "r.source, r.base, r.quote, r.day, r.rate"
_DIFFERING = f"""
SELECT {_COLUMNS} FROM exchange_rate AS r
JOIN {_GIVEN} USING (source, base, quote, day)
WHERE r.rate <> given.rate ORDER BY r.day, r.base, r.quote
"""
_LOAD = f"""
SELECT {_COLUMNS} FROM exchange_rate AS r
WHERE r.source = %s AND r.day BETWEEN %s AND %s AND (r.base = ANY(%s) OR r.quote = ANY(%s))
ORDER BY r.day, r.base, r.quote
"""
_LAST_DAY = """
SELECT max(day) FROM exchange_rate
WHERE source = %s AND (%s::date IS NULL OR day <= %s::date)
"""
_SOURCES = "SELECT DISTINCT source FROM exchange_rate ORDER BY source"
_OF_DAY = f"""
SELECT {_COLUMNS} FROM exchange_rate AS r WHERE r.source = %s AND r.day = %s
ORDER BY r.base, r.quote
"""


class PostgresRates:
    """Published rates of one workspace."""

    def __init__(self, connection: Connection, workspace: WorkspaceId) -> None:
        self._connection = connection
        self._workspace = workspace

    def add(self, rates: Sequence[PublishedRate], *, at: datetime) -> int:
        row = (self._workspace, at, *_columns(rates))
        return self._connection.execute(_ADD, row).rowcount

    def differing(self, rates: Sequence[PublishedRate]) -> tuple[PublishedRate, ...]:
        return tuple(_rates(self._connection.execute(_DIFFERING, _columns(rates))))

    def load(
        self, source: str, codes: Collection[str], *, first: date, last: date
    ) -> tuple[PublishedRate, ...]:
        asked = (source, first, last, list(codes), list(codes))
        return tuple(_rates(self._connection.execute(_LOAD, asked)))

    def last_day(self, source: str, *, on: date | None) -> date | None:
        row = self._connection.execute(_LAST_DAY, (source, on, on)).fetchone()
        found: date | None = row[0] if row else None
        return found

    def sources(self) -> tuple[str, ...]:
        return tuple(source for (source,) in self._connection.execute(_SOURCES))

    def of_day(self, source: str, day: date) -> tuple[PublishedRate, ...]:
        return tuple(_rates(self._connection.execute(_OF_DAY, (source, day))))


def _columns(rates: Sequence[PublishedRate]) -> list[list[object]]:
    rows = [(rate.source, rate.base, rate.quote, rate.day, rate.rate) for rate in rates]
    return [list(column) for column in zip(*rows, strict=True)]


def _rates(rows: Iterator[TupleRow]) -> Iterator[PublishedRate]:
    for source, base, quote, day, rate in rows:
        yield PublishedRate(source=source, base=base, quote=quote, day=day, rate=rate)

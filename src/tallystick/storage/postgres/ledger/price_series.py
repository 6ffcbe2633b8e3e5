"""What was published of price series in one workspace; rows are added, never changed."""

from collections.abc import Collection, Mapping, Sequence
from datetime import datetime
from itertools import groupby
from operator import itemgetter

from psycopg import Connection

from tallystick.catalog import PriceFact
from tallystick.kernel import WorkspaceId

_LOAD = """
SELECT series, at, unit_price, corrects FROM published_price
WHERE series = ANY(%s) ORDER BY series, number
"""
_ADD = """
INSERT INTO published_price (workspace_id, series, number, at, unit_price, corrects)
SELECT %s, %s, last.number + given.place, at, unit_price, corrects
FROM unnest(%s::timestamptz[], %s::numeric[], %s::text[])
  WITH ORDINALITY AS given (at, unit_price, corrects, place),
  (SELECT coalesce(max(number), 0) AS number FROM published_price WHERE series = %s) AS last
"""
_PAGE = """
SELECT at, unit_price, corrects FROM published_price
WHERE series = %s AND at >= %s ORDER BY at, number LIMIT %s
"""


class PostgresPriceSeries:
    """The published prices of one workspace."""

    def __init__(self, connection: Connection, workspace: WorkspaceId) -> None:
        self._connection = connection
        self._workspace = workspace

    def load(self, keys: Collection[str]) -> Mapping[str, tuple[PriceFact, ...]]:
        rows = self._connection.execute(_LOAD, [list(keys)])
        return {
            series: tuple(
                PriceFact(at=at, unit_price=price, corrects=corrects)
                for _, at, price, corrects in of_series
            )
            for series, of_series in groupby(rows, key=itemgetter(0))
        }

    def add(self, series: str, facts: Sequence[PriceFact]) -> None:
        if facts:
            columns = (
                [fact.at for fact in facts],
                [fact.unit_price for fact in facts],
                [fact.corrects for fact in facts],
            )
            self._connection.execute(_ADD, [self._workspace, series, *columns, series])

    def page(self, series: str, *, since: datetime, limit: int) -> tuple[PriceFact, ...]:
        rows = self._connection.execute(_PAGE, [series, since, limit])
        return tuple(
            PriceFact(at=at, unit_price=price, corrects=corrects) for at, price, corrects in rows
        )

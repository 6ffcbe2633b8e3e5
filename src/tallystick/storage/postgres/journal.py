"""The store of the journal; the database itself checks that each entry sums to zero."""

from collections.abc import Iterator, Mapping
from datetime import datetime
from itertools import groupby

import psycopg
from psycopg import Connection
from psycopg.rows import TupleRow

from tallystick.kernel import Currency, EntryId, InvariantBroken, Money, WorkspaceId
from tallystick.ledger import Entry, Posting, balanced

_ADD_ENTRY = """
INSERT INTO journal_entry (workspace_id, id, effective_at, source) VALUES (%s, %s, %s, %s)
"""
_ADD_POSTINGS = """
INSERT INTO journal_posting (workspace_id, entry_id, ordinal, account, currency, exponent, minor)
SELECT %s, %s, * FROM unnest(%s::integer[], %s::text[], %s::text[], %s::smallint[], %s::numeric[])
"""
_ENTRY = """
SELECT e.id, e.effective_at, e.source, p.account, p.currency, p.exponent, p.minor
FROM journal_entry AS e
JOIN journal_posting AS p ON p.workspace_id = e.workspace_id AND p.entry_id = e.id
"""
_BY_ID = f"{_ENTRY} WHERE e.id = %s ORDER BY p.ordinal"
_PAGE = f"""
{_ENTRY} WHERE e.id IN (
  SELECT id FROM journal_entry
  WHERE %s::timestamptz IS NULL OR (effective_at, id) > (%s, %s)
  ORDER BY effective_at, id LIMIT %s)
ORDER BY e.effective_at, e.id, p.ordinal
"""
_BALANCES = """
SELECT p.account, p.currency, p.exponent, sum(p.minor)
FROM journal_posting AS p
JOIN journal_entry AS e ON e.workspace_id = p.workspace_id AND e.id = p.entry_id
WHERE e.effective_at <= %s
GROUP BY p.account, p.currency, p.exponent ORDER BY p.account, p.currency
"""


class PostgresJournal:
    """The journal of one workspace."""

    def __init__(self, connection: Connection, workspace: WorkspaceId) -> None:
        self._connection = connection
        self._workspace = workspace

    def post(self, entry: Entry) -> None:
        balanced(entry)
        row = (self._workspace, entry.id, entry.effective_at, entry.source)
        try:
            self._connection.execute(_ADD_ENTRY, row)
        except psycopg.errors.UniqueViolation as error:
            raise InvariantBroken(f"entry {entry.id} was posted before") from error
        legs = [
            (index, leg.account, leg.money.currency.code, leg.money.currency.exponent)
            for index, leg in enumerate(entry.postings)
        ]
        columns = (list(column) for column in zip(*legs, strict=True))
        minors = [leg.money.minor for leg in entry.postings]
        self._connection.execute(_ADD_POSTINGS, (self._workspace, entry.id, *columns, minors))

    def find(self, id: EntryId) -> Entry | None:
        return next(_entries(self._connection.execute(_BY_ID, [id])), None)

    def page(self, *, after: tuple[datetime, str] | None, limit: int) -> list[Entry]:
        at, behind = after or (None, "")
        return list(_entries(self._connection.execute(_PAGE, [at, at, behind, limit])))

    def balances(self, *, as_of: datetime) -> Mapping[tuple[str, str], Money]:
        rows = self._connection.execute(_BALANCES, [as_of])
        return {
            (account, code): Money(
                minor=int(minor), currency=Currency(code=code, exponent=exponent)
            )
            for account, code, exponent, minor in rows
        }


def _entries(rows: Iterator[TupleRow]) -> Iterator[Entry]:
    for (id_, effective_at, source), legs in groupby(rows, key=lambda row: row[:3]):
        yield balanced(
            Entry(
                id=EntryId(id_),
                effective_at=effective_at,
                source=source,
                postings=tuple(_posting_from_row(leg[3:]) for leg in legs),
            )
        )


def _posting_from_row(row: TupleRow) -> Posting:
    account, code, exponent, minor = row
    unit = Currency(code=code, exponent=exponent)
    return Posting(account=account, money=Money(minor=int(minor), currency=unit))

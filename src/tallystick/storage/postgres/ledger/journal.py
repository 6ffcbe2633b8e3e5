"""The store of the journal; the database itself checks that each entry sums to zero."""

from collections.abc import Iterator, Mapping, Sequence
from datetime import date, datetime
from itertools import groupby

import psycopg
from psycopg import Connection
from psycopg.rows import TupleRow

from tallystick.kernel import Currency, EntryId, InvariantBroken, Money, WorkspaceId, check
from tallystick.ledger import AccountingMonth, Entry, PostedEntry, Posting, balanced, month_of
from tallystick.storage.postgres.json_column import columns

_HOLD = """
INSERT INTO accounting_books AS b (workspace_id, legal_entity) VALUES (%s, %s)
ON CONFLICT (workspace_id, legal_entity) DO UPDATE SET last_position = b.last_position
RETURNING b.locked_through
"""
_LOCK_THROUGH = "UPDATE accounting_books SET locked_through = %s WHERE legal_entity = %s"
_TAKE = """
INSERT INTO accounting_books AS b (workspace_id, legal_entity, last_position) VALUES (%s, %s, %s)
ON CONFLICT (workspace_id, legal_entity)
  DO UPDATE SET last_position = b.last_position + excluded.last_position
RETURNING b.last_position
"""
_ADD_ENTRIES = """
INSERT INTO journal_entry (workspace_id, books, position, posted_in, id, effective_at, source)
SELECT %s, * FROM unnest(%s::text[], %s::bigint[], %s::date[], %s::text[], %s::timestamptz[],
  %s::text[])
"""
_ADD_POSTINGS = """
INSERT INTO journal_posting (workspace_id, entry_id, ordinal, account, currency, exponent, minor)
SELECT %s, * FROM unnest(%s::text[], %s::integer[], %s::text[], %s::text[], %s::smallint[],
  %s::numeric[])
"""
ENTRY = """
SELECT e.id, e.books, e.effective_at, e.posted_in, e.source, e.position,
  p.account, p.currency, p.exponent, p.minor
FROM journal_entry AS e
JOIN journal_posting AS p ON p.workspace_id = e.workspace_id AND p.entry_id = e.id
"""
_BY_ID = f"{ENTRY} WHERE e.id = %s ORDER BY p.ordinal"
_PAGE = f"""
{ENTRY} WHERE e.id IN (
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

    def hold(self, books: str) -> AccountingMonth | None:
        row = self._connection.execute(_HOLD, (self._workspace, books)).fetchone()
        locked: date | None = row[0] if row else None
        return None if locked is None else month_of(locked)

    def lock_through(self, books: str, month: AccountingMonth | None) -> None:
        locked = None if month is None else month.first_day
        self._connection.execute(_LOCK_THROUGH, (locked, books))

    def post(self, entry: Entry) -> int:
        return self.post_all([entry])

    def post_all(self, entries: Sequence[Entry]) -> int:
        books = {entry.books for entry in entries}
        check(len(books) == 1, "entries are posted at once in one legal entity's books")
        legs = [row for entry in entries for row in _rows_from_postings(balanced(entry))]
        taking = (self._workspace, *books, len(entries))
        taken = self._connection.execute(_TAKE, taking).fetchone()
        last = int(taken[0]) if taken else 0
        first = last - len(entries) + 1
        rows = [_row_from_entry(entry, at) for at, entry in enumerate(entries, start=first)]
        try:
            self._connection.execute(_ADD_ENTRIES, [self._workspace, *columns(rows)])
        except psycopg.errors.UniqueViolation as error:
            ids = ", ".join(entry.id for entry in entries)
            raise InvariantBroken(f"one of these entries was posted before: {ids}") from error
        except psycopg.errors.RestrictViolation as error:
            raise InvariantBroken(f"an entry would enter a locked month: {error}") from error
        if legs:
            self._connection.execute(_ADD_POSTINGS, [self._workspace, *columns(legs)])
        return last

    def find(self, id: EntryId) -> PostedEntry | None:
        return next(entries_from(self._connection.execute(_BY_ID, [id])), None)

    def page(self, *, after: tuple[datetime, str] | None, limit: int) -> list[PostedEntry]:
        at, behind = after or (None, "")
        return list(entries_from(self._connection.execute(_PAGE, [at, at, behind, limit])))

    def balances(self, *, as_of: datetime) -> Mapping[tuple[str, str], Money]:
        rows = self._connection.execute(_BALANCES, [as_of])
        return {
            (account, code): Money(
                minor=int(minor), currency=Currency(code=code, exponent=exponent)
            )
            for account, code, exponent, minor in rows
        }


def _row_from_entry(entry: Entry, position: int) -> tuple[object, ...]:
    place = (entry.books, position, entry.posted_in.first_day)
    return (*place, entry.id, entry.effective_at, entry.source)


def _rows_from_postings(entry: Entry) -> Iterator[tuple[object, ...]]:
    for ordinal, leg in enumerate(entry.postings):
        unit = leg.money.currency
        yield (entry.id, ordinal, leg.account, unit.code, unit.exponent, leg.money.minor)


def entries_from(rows: Iterator[TupleRow]) -> Iterator[PostedEntry]:
    for (id_, books, effective_at, posted_in, source, position), legs in groupby(
        rows, key=lambda row: row[:6]
    ):
        entry = Entry(
            id=EntryId(id_),
            books=books,
            effective_at=effective_at,
            posted_in=month_of(posted_in),
            source=source,
            postings=tuple(_posting_from_row(leg[6:]) for leg in legs),
        )
        yield PostedEntry(entry=balanced(entry), position=position)


def _posting_from_row(row: TupleRow) -> Posting:
    account, code, exponent, minor = row
    unit = Currency(code=code, exponent=exponent)
    return Posting(account=account, money=Money(minor=int(minor), currency=unit))

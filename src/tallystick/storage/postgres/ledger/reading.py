"""Questions to the journal: balances from a standpoint, movements of an account, ranges."""

from collections.abc import Iterator, Mapping, Sequence

from psycopg import Connection
from psycopg.rows import TupleRow

from tallystick.app.ledger import JournalExport
from tallystick.kernel import Currency, EntryId, Money, WorkspaceId
from tallystick.ledger import AccountQuestion, Movement, PostedEntry, Standpoint, month_of
from tallystick.storage.postgres.ledger.journal import ENTRY, entries_from

_SEEN = """
FROM journal_posting AS p
JOIN journal_entry AS e ON e.workspace_id = p.workspace_id AND e.id = p.entry_id
WHERE e.books = %(books)s
  AND (%(as_of)s::timestamptz IS NULL OR e.effective_at <= %(as_of)s)
  AND (%(position)s::bigint IS NULL OR e.position <= %(position)s)
"""
_BALANCES = f"""
SELECT p.account, p.currency, p.exponent, sum(p.minor) {_SEEN}
GROUP BY p.account, p.currency, p.exponent
"""
_OF_ACCOUNT = f"{_SEEN} AND p.account = %(account)s AND p.currency = %(currency)s"
_BEFORE = f"""
SELECT max(p.exponent),
  coalesce(sum(p.minor) FILTER (WHERE e.effective_at < %(since)s::timestamptz), 0)
{_OF_ACCOUNT}
"""
_MOVEMENTS = f"""
SELECT e.id, e.position, e.effective_at, e.posted_in, e.source, p.exponent, p.minor
{_OF_ACCOUNT} AND e.effective_at >= coalesce(%(since)s::timestamptz, '-infinity')
ORDER BY e.effective_at, e.position, p.ordinal LIMIT %(limit)s
"""
_RANGE = f"""
{ENTRY} WHERE e.books = %s AND e.position BETWEEN %s AND %s ORDER BY e.position, p.ordinal
"""
_ACCOUNTS = """
SELECT DISTINCT p.account FROM journal_posting AS p
JOIN journal_entry AS e ON e.workspace_id = p.workspace_id AND e.id = p.entry_id
WHERE e.books = %s AND e.position <= %s
"""
_LAST = "SELECT last_position FROM accounting_books WHERE legal_entity = %s"
_EXPORTS = """
SELECT books, name, number, first_position, last_position, exported_at, exported_by
FROM journal_export
"""
_EXPORTS_OF = f"{_EXPORTS} WHERE books = %s AND name = %s ORDER BY number"
_ALL_EXPORTS = f"{_EXPORTS} ORDER BY books, name, number"
_ADD_EXPORT = """
INSERT INTO journal_export (workspace_id, books, name, number, first_position, last_position,
  exported_at, exported_by)
VALUES (%s, %s, %s, %s, %s, %s, %s, %s)
"""


class PostgresJournalReader:
    """Reads the journal of one workspace."""

    def __init__(self, connection: Connection) -> None:
        self._connection = connection

    def balances(self, seen: Standpoint) -> Mapping[tuple[str, str], Money]:
        rows = self._connection.execute(_BALANCES, _parameters(seen))
        return {
            (account, code): _money(code, exponent, minor)
            for account, code, exponent, minor in rows
        }

    def opening(self, seen: Standpoint, wanted: AccountQuestion) -> Money:
        row = self._connection.execute(_BEFORE, _parameters(seen, wanted)).fetchone()
        exponent, minor = row if row and row[0] is not None else (wanted.unit.exponent, 0)
        return _money(wanted.unit.code, exponent, minor)

    def movements(
        self, seen: Standpoint, wanted: AccountQuestion, *, limit: int
    ) -> tuple[Movement, ...]:
        asked = _parameters(seen, wanted) | {"limit": limit}
        rows = self._connection.execute(_MOVEMENTS, asked)
        return tuple(
            Movement(
                entry=EntryId(entry),
                position=position,
                effective_at=effective_at,
                posted_in=month_of(posted_in),
                source=source,
                money=_money(wanted.unit.code, exponent, minor),
            )
            for entry, position, effective_at, posted_in, source, exponent, minor in rows
        )

    def range(self, books: str, *, first: int, last: int) -> Sequence[PostedEntry]:
        return list(entries_from(self._connection.execute(_RANGE, [books, first, last])))

    def accounts(self, books: str, *, through: int) -> frozenset[str]:
        rows = self._connection.execute(_ACCOUNTS, [books, through])
        return frozenset(account for (account,) in rows)

    def last_position(self, books: str) -> int:
        row = self._connection.execute(_LAST, [books]).fetchone()
        return int(row[0]) if row else 0


class PostgresJournalExports:
    """What was exported of one workspace's journal."""

    def __init__(self, connection: Connection, workspace: WorkspaceId) -> None:
        self._connection = connection
        self._workspace = workspace

    def of(self, books: str, name: str) -> tuple[JournalExport, ...]:
        rows = self._connection.execute(_EXPORTS_OF, [books, name])
        return tuple(_exports(rows))

    def all(self) -> tuple[JournalExport, ...]:
        return tuple(_exports(self._connection.execute(_ALL_EXPORTS)))

    def add(self, export: JournalExport) -> None:
        row = (
            self._workspace,
            export.books,
            export.name,
            export.number,
            export.first,
            export.last,
            export.exported_at,
            export.exported_by,
        )
        self._connection.execute(_ADD_EXPORT, row)


def _exports(rows: Iterator[TupleRow]) -> Iterator[JournalExport]:
    for books, name, number, first, last, exported_at, exported_by in rows:
        yield JournalExport(
            books=books,
            name=name,
            number=number,
            first=first,
            last=last,
            exported_at=exported_at,
            exported_by=exported_by,
        )


def _parameters(seen: Standpoint, wanted: AccountQuestion | None = None) -> dict[str, object]:
    asked: dict[str, object] = {
        "books": seen.books,
        "as_of": seen.as_of,
        "position": seen.position,
    }
    if wanted is not None:
        asked |= {"account": wanted.account, "currency": wanted.unit.code, "since": wanted.since}
    return asked


def _money(code: str, exponent: int, minor: int) -> Money:
    return Money(minor=int(minor), currency=Currency(code=code, exponent=exponent))

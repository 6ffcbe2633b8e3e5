"""The store of money: payments, surplus of documents, and their moves."""

from collections.abc import Iterable, Sequence
from datetime import datetime

from psycopg import Connection
from psycopg.rows import TupleRow

from tallystick.app.payments import Drawn, KnownPayment, Purse, RecordedMove, Repaid, Surplus
from tallystick.kernel import AccountKey, Currency, InvoiceId, Money, WorkspaceId, check
from tallystick.payments import (
    Applied,
    Method,
    Move,
    MoveKind,
    Owed,
    Payment,
    Source,
    SourceKind,
    Standing,
)
from tallystick.storage.postgres.receivable.owed import applied_to, due_of, free_of

_LOCK = """
SELECT pg_advisory_xact_lock(hashtextextended('tallystick.money:' || %s || ':' || a, 0))
FROM unnest(%s::text[]) AS a
"""
_COUNT = "SELECT count(*) FROM money_source WHERE account = %s AND kind = 'payment'"
_ADD = """
INSERT INTO money_source (workspace_id, id, kind, account, legal_entity, currency, exponent, minor,
  method, reference, note, cash, received_currency, received_exponent, received_minor,
  effective_at, recorded_at, recorded_by)
VALUES (%s, %s, 'payment', %s, %s, %s, %s, %s, %s, %s, %s, %s, %s, %s, %s, %s, %s, %s)
"""
_ADD_SURPLUS = """
INSERT INTO money_source (workspace_id, id, kind, account, legal_entity, currency, exponent, minor,
  surplus_of, effective_at, recorded_at, recorded_by)
VALUES (%s, %s, 'surplus', %s, %s, %s, %s, %s, %s, %s, %s, %s)
"""
_ADD_DRAWN = """
INSERT INTO money_source (workspace_id, id, kind, account, legal_entity, currency, exponent, minor,
  effective_at, recorded_at, recorded_by)
VALUES (%s, %s, 'deposit', %s, %s, %s, %s, %s, %s, %s, %s)
"""
_ADD_MOVE = """
INSERT INTO money_move (workspace_id, source_id, number, kind, invoice_id, minor, at, actor,
  reference, reason)
VALUES (%s, %s, %s, %s, %s, %s, %s, %s, %s, %s)
"""
_NAMED = "SELECT id FROM money_source WHERE method = 'provider' AND reference = %s"
_SOURCE = f"""
SELECT s.id, s.kind, s.currency, s.exponent, s.minor, {free_of("s")},
  (SELECT count(*) FROM money_move AS m
    WHERE m.workspace_id = s.workspace_id AND m.source_id = s.id),
  s.surplus_of, s.received_currency, s.received_exponent, s.received_minor, s.account,
  s.legal_entity, s.method, s.reference, s.note, s.cash, s.effective_at
FROM money_source AS s
"""
_ONE = f"{_SOURCE} WHERE s.id = %s AND s.kind = 'payment'"
_PAGE = f"""
{_SOURCE}
WHERE s.kind = 'payment' AND s.id > %s AND (%s::text IS NULL OR s.account = %s)
ORDER BY s.id LIMIT %s
"""
_MOVES = """
SELECT source_id, number, kind, invoice_id, minor, at, actor, reference, reason FROM money_move
WHERE source_id = ANY(%s) ORDER BY source_id, number
"""
_PURSE_OF = "SELECT account, legal_entity, currency, exponent FROM money_source WHERE id = %s"
_PURSES = """
SELECT DISTINCT account, legal_entity, currency, exponent FROM (
  SELECT account, legal_entity, currency, exponent FROM money_source WHERE account = %s
  UNION SELECT account, legal_entity, currency, exponent FROM invoice
  WHERE account = %s AND number IS NOT NULL) AS known
ORDER BY legal_entity, currency
"""
_WITH_CREDIT = f"""
SELECT DISTINCT s.account, s.legal_entity, s.currency, s.exponent FROM money_source AS s
WHERE s.account = ANY(%s) AND {free_of("s")} > 0
"""
_SOURCES = f"""
{_SOURCE}
WHERE s.account = %s AND s.legal_entity = %s AND s.currency = %s
  AND ({free_of("s")} > 0 OR s.id = %s)
ORDER BY s.effective_at, s.ordinal
"""
_APPLIED = """
SELECT source_id, invoice_id, sum(CASE kind WHEN 'applied' THEN minor ELSE -minor END)
FROM money_move WHERE source_id = %s AND invoice_id IS NOT NULL
GROUP BY source_id, invoice_id
HAVING sum(CASE kind WHEN 'applied' THEN minor ELSE -minor END) > 0 ORDER BY max(number)
"""
_OWED = f"""
SELECT * FROM (
  SELECT i.id, i.number, i.due_on, i.issued_at, i.issue_order, {due_of("i")} AS due
  FROM invoice AS i
  WHERE i.account = %s AND i.legal_entity = %s AND i.currency = %s AND i.number IS NOT NULL
    AND i.document_type = 'invoice') AS known
WHERE due > 0 OR id = ANY(%s)
"""
_WITH_GRANTS = "SELECT account FROM credit_account WHERE account = ANY(%s)"
_REPAID = f"""
SELECT i.currency, i.exponent, {due_of("i")}, {applied_to("i")},
  coalesce((SELECT sum(s.minor) FROM money_source AS s
    WHERE s.workspace_id = i.workspace_id AND s.surplus_of = i.id), 0)
FROM invoice AS i WHERE i.id = %s AND i.number IS NOT NULL
"""


class PostgresPayments:
    """The payments of one workspace."""

    def __init__(self, connection: Connection, workspace: WorkspaceId) -> None:
        self._connection = connection
        self._workspace = workspace

    def count(self, payer: AccountKey) -> int:
        row = self._connection.execute(_COUNT, [payer]).fetchone()
        return 0 if row is None else int(row[0])

    def add(self, payment: Payment, *, at: datetime, by: str) -> None:
        money, received = payment.money, payment.received
        came = (
            (None, None, None)
            if received is None
            else (received.currency.code, received.currency.exponent, received.minor)
        )
        values = (
            *(self._workspace, payment.id, payment.account, payment.legal_entity),
            *(money.currency.code, money.currency.exponent, money.minor),
            *(payment.method, payment.reference, payment.note, payment.cash),
            *came,
            *(payment.paid_at, at, by),
        )
        self._connection.execute(_ADD, values)

    def named(self, reference: str) -> str | None:
        row = self._connection.execute(_NAMED, [reference]).fetchone()
        return None if row is None else row[0]

    def load(self, id: str) -> KnownPayment | None:
        found = self._known(self._connection.execute(_ONE, [id]).fetchall())
        return found[0] if found else None

    def page(self, *, after: str, limit: int, account: AccountKey | None) -> list[KnownPayment]:
        rows = self._connection.execute(_PAGE, [after, account, account, limit])
        return self._known(rows.fetchall())

    def _known(self, rows: Sequence[TupleRow]) -> list[KnownPayment]:
        moves: dict[str, list[RecordedMove]] = {row[0]: [] for row in rows}
        units = {row[0]: Currency(code=row[2], exponent=row[3]) for row in rows}
        for row in self._connection.execute(_MOVES, [list(moves)]):
            moves[row[0]].append(_move_from_row(row, units[row[0]]))
        return [
            KnownPayment(
                payment=_payment_from_row(row),
                source=_source_from_row(row),
                moves=tuple(moves[row[0]]),
            )
            for row in rows
        ]


class PostgresMoney:
    """The money of payers of one workspace."""

    def __init__(self, connection: Connection, workspace: WorkspaceId) -> None:
        self._connection = connection
        self._workspace = workspace

    def lock(self, payers: Iterable[AccountKey]) -> None:
        self._connection.execute(_LOCK, [self._workspace, sorted(set(payers))])

    def add_surplus(self, surplus: Surplus, *, by: str) -> None:
        purse, money = surplus.purse, surplus.money
        values = (
            *(self._workspace, surplus.document, purse.account, purse.legal_entity),
            *(money.currency.code, money.currency.exponent, money.minor),
            *(surplus.of, surplus.at, surplus.at, by),
        )
        self._connection.execute(_ADD_SURPLUS, values)

    def add_drawn(self, drawn: Drawn, *, by: str) -> None:
        purse, money = drawn.purse, drawn.money
        values = (
            *(self._workspace, drawn.id, purse.account, purse.legal_entity),
            *(money.currency.code, money.currency.exponent, money.minor),
            *(drawn.at, drawn.at, by),
        )
        self._connection.execute(_ADD_DRAWN, values)

    def add_moves(self, moves: Sequence[RecordedMove]) -> None:
        rows = [
            (
                *(self._workspace, one.move.source, one.number, one.move.kind, one.move.document),
                *(one.move.money.minor, one.at, one.by, one.reference, one.reason),
            )
            for one in moves
        ]
        with self._connection.cursor() as cursor:
            cursor.executemany(_ADD_MOVE, rows)

    def purse_of(self, source: str) -> Purse | None:
        row = self._connection.execute(_PURSE_OF, [source]).fetchone()
        return None if row is None else _purse_from_row(row)

    def purses(self, account: AccountKey) -> tuple[Purse, ...]:
        return tuple(map(_purse_from_row, self._connection.execute(_PURSES, [account, account])))

    def standing(self, purse: Purse, *, source: str | None = None) -> Standing:
        of = (purse.account, purse.legal_entity, purse.currency.code)
        sources = self._connection.execute(_SOURCES, [*of, source]).fetchall()
        applied = [
            Applied(source=id_, document=InvoiceId(document), money=_money(minor, purse.currency))
            for id_, document, minor in self._connection.execute(_APPLIED, [source])
        ]
        paid = [one.document for one in applied]
        return Standing(
            currency=purse.currency,
            sources=tuple(map(_source_from_row, sources)),
            owed=tuple(
                _owed_from_row(row, purse.currency)
                for row in self._connection.execute(_OWED, [*of, paid])
            ),
            applied=tuple(applied),
        )

    def with_credit(self, accounts: Iterable[AccountKey]) -> frozenset[Purse]:
        rows = self._connection.execute(_WITH_CREDIT, [sorted(set(accounts))])
        return frozenset(map(_purse_from_row, rows))

    def with_grants(self, accounts: Iterable[AccountKey]) -> frozenset[AccountKey]:
        rows = self._connection.execute(_WITH_GRANTS, [sorted(set(accounts))])
        return frozenset(AccountKey(account) for (account,) in rows)

    def repaid(self, document: InvoiceId) -> Repaid:
        row = self._connection.execute(_REPAID, [document]).fetchone()
        check(row is not None, f"there is no issued document {document}")
        code, exponent, *minors = row or ("", 0, 0, 0, 0)
        due, applied, surplus = (
            _money(minor, Currency(code=code, exponent=exponent)) for minor in minors
        )
        return Repaid(due=due, applied=applied, surplus=surplus)


def _money(minor: int, unit: Currency) -> Money:
    return Money(minor=int(minor), currency=unit)


def _purse_from_row(row: TupleRow) -> Purse:
    account, entity, code, exponent = row
    return Purse(
        account=AccountKey(account),
        legal_entity=entity,
        currency=Currency(code=code, exponent=exponent),
    )


def _source_from_row(row: TupleRow) -> Source:
    id_, kind, code, exponent, minor, free, moves, of = row[:8]
    unit = Currency(code=code, exponent=exponent)
    return Source(
        id=id_,
        kind=SourceKind(kind),
        money=_money(minor, unit),
        free=_money(free, unit),
        moves=moves,
        of=None if of is None else InvoiceId(of),
        received=_received_from_row(row),
    )


def _received_from_row(row: TupleRow) -> Money | None:
    code, exponent, minor = row[8:11]
    return None if code is None else _money(minor, Currency(code=code, exponent=exponent))


def _payment_from_row(row: TupleRow) -> Payment:
    account, entity, method, reference, note, cash, paid_at = row[11:]
    return Payment(
        id=row[0],
        account=AccountKey(account),
        legal_entity=entity,
        money=_money(row[4], Currency(code=row[2], exponent=row[3])),
        received=_received_from_row(row),
        method=Method(method),
        reference=reference,
        note=note,
        cash=cash,
        paid_at=paid_at,
    )


def _move_from_row(row: TupleRow, unit: Currency) -> RecordedMove:
    source, number, kind, document, minor, at, actor, reference, reason = row
    return RecordedMove(
        move=Move(
            kind=MoveKind(kind),
            source=source,
            money=_money(minor, unit),
            document=None if document is None else InvoiceId(document),
        ),
        number=number,
        at=at,
        by=actor,
        reference=reference,
        reason=reason,
    )


def _owed_from_row(row: TupleRow, unit: Currency) -> Owed:
    id_, number, due_on, issued_at, order, due = row
    return Owed(
        id=InvoiceId(id_),
        number=number,
        due=_money(due, unit),
        due_on=due_on,
        issued_at=issued_at,
        order=order,
    )

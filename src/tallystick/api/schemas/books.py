"""Books over the wire: balances, statements, locked months, deferred revenue, exports."""

from __future__ import annotations

from datetime import date, datetime
from typing import Annotated

import msgspec

from tallystick.app.ledger import (
    JournalExport,
    Locked,
    LockMonths,
    ReadStatement,
    ReadTrialBalance,
    Scheduled,
)
from tallystick.invoicing import DayRevenue
from tallystick.kernel import Money, plain
from tallystick.ledger import TrialRow, accounting_month

Month = Annotated[str, msgspec.Meta(pattern=r"^[0-9]{4}-(0[1-9]|1[0-2])$")]


class BalanceAnswer(msgspec.Struct, frozen=True, kw_only=True):
    """The balance of an account in major units, on the side where it stands; the other is zero."""

    account: str
    currency: str
    debit: str
    credit: str


class TrialBalanceAnswer(msgspec.Struct, frozen=True, kw_only=True):
    """
    All balances that are not zero, and the sums of both sides by currency.

    Asked again with `position` the answer is the same, whatever was posted since.
    """

    books: str
    as_of: datetime | None
    position: int
    rows: tuple[BalanceAnswer, ...]
    totals: tuple[BalanceAnswer, ...]


class MovementAnswer(msgspec.Struct, frozen=True, kw_only=True):
    """What a posting moved, a debit being positive, and the balance after it."""

    entry: str
    position: int
    effective_at: datetime
    posted_in: str
    source: str
    amount: str
    balance: str


class StatementAnswer(msgspec.Struct, frozen=True, kw_only=True):
    """The movements of one account in one currency, from opening to closing balance."""

    books: str
    account: str
    currency: str
    as_of: datetime | None
    position: int
    opening: str
    closing: str
    movements: tuple[MovementAnswer, ...]


class LockOrder(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Lock all months up to `through` (null: none), in the only books unless they are named."""

    through: Month | None
    reason: str
    books: str | None = None


class LockedAnswer(msgspec.Struct, frozen=True, kw_only=True):
    """Up to which month books are locked; null: not at all."""

    books: str
    locked_through: str | None


class RecognitionOrder(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Whose deferred revenue to recognize; null: everybody's."""

    books: str | None = None


class RevenueDayAnswer(msgspec.Struct, frozen=True, kw_only=True):
    """
    Revenue of a day: `earned` on it, `recognised` since the first day, the rest at its end.

    Amounts are plain decimal text in major units, without taxes.
    """

    day: date
    currency: str
    earned: str
    recognised: str
    deferred: str
    unbilled: str


class RevenueAnswer(msgspec.Struct, frozen=True, kw_only=True):
    """A row for each currency and day."""

    items: tuple[RevenueDayAnswer, ...]


def wire_from_day(row: DayRevenue) -> RevenueDayAnswer:
    """Return the revenue of a day as it goes over the wire."""
    return RevenueDayAnswer(
        day=row.day,
        currency=row.earned.currency.code,
        earned=plain(row.earned.decimal),
        recognised=plain(row.recognised.decimal),
        deferred=plain(row.deferred.decimal),
        unbilled=plain(row.unbilled.decimal),
    )


class ScheduledAnswer(msgspec.Struct, frozen=True, kw_only=True):
    """Deferred revenue of a price that waits for a month."""

    month: str
    price: str
    amount: str
    currency: str


class ScheduleAnswer(msgspec.Struct, frozen=True, kw_only=True):
    """All that waits."""

    items: tuple[ScheduledAnswer, ...]


class ExportOrder(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Export what no export of this name holds yet."""

    name: str
    books: str | None = None


class ExportAnswer(msgspec.Struct, frozen=True, kw_only=True):
    """A range of entries, both ends included; by its number it can be had again."""

    books: str
    name: str
    number: int
    first_position: int
    last_position: int
    exported_at: datetime
    exported_by: str


class ExportedAnswer(msgspec.Struct, frozen=True, kw_only=True):
    """The export that was begun; null where there is nothing new."""

    export: ExportAnswer | None


class ExportsAnswer(msgspec.Struct, frozen=True, kw_only=True):
    """All exports."""

    items: tuple[ExportAnswer, ...]


def lock_from_wire(order: LockOrder) -> LockMonths:
    """Return the command that an order asks for."""
    through = None if order.through is None else accounting_month(order.through)
    return LockMonths(books=order.books, through=through, reason=order.reason)


def wire_from_locked(locked: Locked) -> LockedAnswer:
    """Return where a lock stands."""
    through = None if locked.through is None else str(locked.through)
    return LockedAnswer(books=locked.books, locked_through=through)


def wire_from_trial(found: ReadTrialBalance) -> TrialBalanceAnswer:
    """Return a trial balance as it goes over the wire."""
    return TrialBalanceAnswer(
        books=found.seen.books,
        as_of=found.seen.as_of,
        position=found.seen.position or 0,
        rows=tuple(_balance(row) for row in found.trial.rows),
        totals=tuple(_balance(row) for row in found.trial.totals),
    )


def wire_from_statement(found: ReadStatement) -> StatementAnswer:
    """Return a statement as it goes over the wire."""
    statement = found.statement
    return StatementAnswer(
        books=found.seen.books,
        account=statement.account,
        currency=statement.opening.currency.code,
        as_of=found.seen.as_of,
        position=found.seen.position or 0,
        opening=_text(statement.opening),
        closing=_text(statement.closing),
        movements=tuple(
            MovementAnswer(
                entry=line.movement.entry,
                position=line.movement.position,
                effective_at=line.movement.effective_at,
                posted_in=str(line.movement.posted_in),
                source=line.movement.source,
                amount=_text(line.movement.money),
                balance=_text(line.balance),
            )
            for line in statement.lines
        ),
    )


def wire_from_scheduled(scheduled: Scheduled) -> ScheduledAnswer:
    """Return what waits for a month as it goes over the wire."""
    return ScheduledAnswer(
        month=str(scheduled.month),
        price=scheduled.price,
        amount=_text(scheduled.money),
        currency=scheduled.money.currency.code,
    )


def wire_from_export(export: JournalExport) -> ExportAnswer:
    """Return an export as it goes over the wire."""
    return ExportAnswer(
        books=export.books,
        name=export.name,
        number=export.number,
        first_position=export.first,
        last_position=export.last,
        exported_at=export.exported_at,
        exported_by=export.exported_by,
    )


def _balance(row: TrialRow) -> BalanceAnswer:
    return BalanceAnswer(
        account=row.account,
        currency=row.debit.currency.code,
        debit=_text(row.debit),
        credit=_text(row.credit),
    )


def _text(money: Money) -> str:
    return f"{money.decimal:f}"

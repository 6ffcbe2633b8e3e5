"""
Looking at books: which entries count, the trial balance, and the statement of one account.

Two questions have two answers each. *When* goes by ``effective_at``; *what was known* goes by
position: the same question with the same position has the same answer for ever, whatever is posted
later, backdated or not.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime

from tallystick.kernel import Currency, EntryId, Money, check
from tallystick.ledger.books import AccountingMonth


@dataclass(frozen=True, slots=True, kw_only=True)
class Standpoint:
    """
    From where books are looked at.

    Attributes:
        books: which.
        as_of: entries effective at or before this instant count; None: all.
        position: entries up to this position count; None: all.
    """

    books: str
    as_of: datetime | None = None
    position: int | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class AccountQuestion:
    """
    Which chart account, in which currency, and from when on its movements are listed.

    Attributes:
        since: movements before are summed into the opening balance; None: all are listed.
    """

    account: str
    unit: Currency
    since: datetime | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class TrialRow:
    """The balance of an account in one currency, on the side where it stands; the other is zero."""

    account: str
    debit: Money
    credit: Money


@dataclass(frozen=True, slots=True, kw_only=True)
class TrialBalance:
    """
    All balances that are not zero, by currency and account, and the equal sums of both sides.

    Attributes:
        totals: one row a currency, its account empty.
    """

    rows: tuple[TrialRow, ...]
    totals: tuple[TrialRow, ...]


def trial_balance(balances: Mapping[tuple[str, str], Money]) -> TrialBalance:
    """
    Return the trial balance of balances by chart account and currency code.

    Raises:
        InvariantBroken: the sides of a currency differ, so that some entry cannot have balanced.

    Example:
        >>> from tallystick.kernel import currency
        >>> five = Money(minor=500, currency=currency("EUR"))
        >>> trial = trial_balance({("revenue:cpu", "EUR"): -five, ("receivable:a", "EUR"): five})
        >>> [(row.account, str(row.debit), str(row.credit)) for row in trial.rows]
        [('receivable:a', '5.00 EUR', '0.00 EUR'), ('revenue:cpu', '0.00 EUR', '5.00 EUR')]
        >>> [(str(row.debit), str(row.credit)) for row in trial.totals]
        [('5.00 EUR', '5.00 EUR')]
    """
    rows = [
        _row(account, balance)
        for (account, _), balance in sorted(balances.items(), key=lambda item: item[0][::-1])
        if balance.minor != 0
    ]
    sums: dict[str, TrialRow] = {}
    for row in rows:
        before = sums.get(row.debit.currency.code, _row("", row.debit - row.debit))
        sums[row.debit.currency.code] = TrialRow(
            account="", debit=before.debit + row.debit, credit=before.credit + row.credit
        )
    for total in sums.values():
        check(total.debit == total.credit, f"{total.debit} debit, but {total.credit} credit")
    return TrialBalance(rows=tuple(rows), totals=tuple(sums.values()))


@dataclass(frozen=True, slots=True, kw_only=True)
class Movement:
    """What one posting moved on the account, with the entry it belongs to."""

    entry: EntryId
    position: int
    effective_at: datetime
    posted_in: AccountingMonth
    source: str
    money: Money


@dataclass(frozen=True, slots=True, kw_only=True)
class StatementLine:
    """A movement, and the balance after it."""

    movement: Movement
    balance: Money


@dataclass(frozen=True, slots=True, kw_only=True)
class Statement:
    """The movements of one account in one currency, from its opening to its closing balance."""

    account: str
    opening: Money
    lines: tuple[StatementLine, ...]

    @property
    def closing(self) -> Money:
        """Return the balance after the last movement."""
        return self.lines[-1].balance if self.lines else self.opening


def statement_of(account: str, opening: Money, movements: tuple[Movement, ...]) -> Statement:
    """Return the statement of movements in their order, which add to an opening balance."""
    lines, balance = [], opening
    for movement in movements:
        balance += movement.money
        lines.append(StatementLine(movement=movement, balance=balance))
    return Statement(account=account, opening=opening, lines=tuple(lines))


def _row(account: str, balance: Money) -> TrialRow:
    nothing = balance - balance
    if balance.minor < 0:
        return TrialRow(account=account, debit=nothing, credit=-balance)
    return TrialRow(account=account, debit=balance, credit=nothing)

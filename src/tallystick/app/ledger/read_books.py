"""The trial balance of books, and the statement of one of their accounts."""

from dataclasses import dataclass, replace
from datetime import datetime

from tallystick.app.command import Caller
from tallystick.app.ledger.books import books_refused, chosen_entity
from tallystick.app.unit_of_work import UnitOfWork
from tallystick.kernel import Done, Outcome, Refused, refuse
from tallystick.ledger import (
    AccountQuestion,
    Standpoint,
    Statement,
    TrialBalance,
    kind_of,
    statement_of,
    trial_balance,
)

LINES_MAX = 10_000


@dataclass(frozen=True, slots=True, kw_only=True)
class BooksQuestion:
    """
    From where books are looked at; see `Standpoint`.

    Attributes:
        books: of which legal entity; None: of the only one.
    """

    books: str | None = None
    as_of: datetime | None = None
    position: int | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class ReadTrialBalance:
    """A trial balance, and from where it was taken; its position is never None."""

    seen: Standpoint
    trial: TrialBalance


@dataclass(frozen=True, slots=True, kw_only=True)
class ReadStatement:
    """A statement, and from where it was taken; its position is never None."""

    seen: Standpoint
    statement: Statement


def read_trial_balance(
    caller: Caller, question: BooksQuestion, *, uow: UnitOfWork
) -> Outcome[ReadTrialBalance]:
    """
    Return the trial balance; asked again with its position it is the same.

    Problems:
        forbidden, unknown_books, books_missing: as elsewhere in the journal.
    """
    refused = books_refused(caller, "read")
    if refused is not None:
        return refused
    with uow:
        seen = _standpoint(uow, question)
        if isinstance(seen, Refused):
            return seen
        trial = trial_balance(uow.journal_reader.balances(seen.value))
        return Done(ReadTrialBalance(seen=seen.value, trial=trial))


def read_statement(
    caller: Caller, question: BooksQuestion, wanted: AccountQuestion, *, uow: UnitOfWork
) -> Outcome[ReadStatement]:
    """
    Return the statement of an account, at most 10,000 movements; asked again it is the same.

    Problems:
        forbidden, unknown_books, books_missing: as elsewhere in the journal.
        unknown_chart_account: the chart has no such kind of account.
        too_many_lines: ask for a shorter time.
    """
    refused = books_refused(caller, "read")
    if refused is not None:
        return refused
    if kind_of(wanted.account) is None:
        message = f"{wanted.account!r} is not in the chart; names read kind:owner, as revenue:cpu"
        return refuse("unknown_chart_account", message, "account")
    with uow:
        standpoint = _standpoint(uow, question)
        if isinstance(standpoint, Refused):
            return standpoint
        seen, reader = standpoint.value, uow.journal_reader
        opening = reader.opening(seen, wanted)
        found = reader.movements(seen, wanted, limit=LINES_MAX + 1)
        if len(found) > LINES_MAX:
            message = f"more than {LINES_MAX} movements; ask for a shorter time"
            return refuse("too_many_lines", message, "since")
    return Done(ReadStatement(seen=seen, statement=statement_of(wanted.account, opening, found)))


def _standpoint(uow: UnitOfWork, question: BooksQuestion) -> Outcome[Standpoint]:
    entity = chosen_entity(uow, question.books)
    if isinstance(entity, Refused):
        return entity
    seen = Standpoint(books=entity.value.key, as_of=question.as_of, position=question.position)
    if seen.position is None:
        seen = replace(seen, position=uow.journal_reader.last_position(seen.books))
    return Done(seen)

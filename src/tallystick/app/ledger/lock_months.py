"""Locks months of books, and opens them again."""

from dataclasses import dataclass
from datetime import datetime

import msgspec

from tallystick.app.carrying_out import Decided, Effect, Kept, carried_out
from tallystick.app.clock import Clock
from tallystick.app.command import Caller
from tallystick.app.ledger.books import books_refused, chosen_entity, held_books
from tallystick.app.ledger.recognize_revenue import due_parts
from tallystick.app.unit_of_work import UnitOfWork
from tallystick.kernel import Done, Outcome, Refused, canonical_json, refuse
from tallystick.ledger import AccountingMonth, Books, accounting_month

REASON_LENGTH_MAX = 500


@dataclass(frozen=True, slots=True, kw_only=True)
class LockMonths:
    """
    Lock all months of some books up to one; those behind it are open again.

    Attributes:
        books: of which legal entity; None: of the only one.
        through: the last month to be locked; None opens all.
        reason: why; kept in the audit.
    """

    books: str | None
    through: AccountingMonth | None
    reason: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Locked:
    """Up to which month books are locked; None: not at all."""

    books: str
    through: AccountingMonth | None


def lock_months(
    command: LockMonths, *, caller: Caller, uow: UnitOfWork, clock: Clock
) -> Outcome[Locked]:
    """
    Move the lock and return where it stands; an audited command.

    Locking needs the scope ``billing``, opening what was locked ``admin``.

    Problems:
        forbidden: the scope is lacking.
        wrong_value: no reason.
        unknown_books, books_missing: no such legal entity, or none named among several.
        month_not_over: it still runs in the books' zone.
        revenue_not_recognized: deferred revenue waits for one of the months; recognize it first.
        Those of an idempotency key.
    """
    refused = books_refused(caller, "billing") or _unreasoned(command)
    if refused is not None:
        return refused
    now = clock.now()

    def decide() -> Decided[Locked]:
        entity = chosen_entity(uow, command.books)
        if isinstance(entity, Refused):
            return entity
        books = held_books(uow, entity.value)
        refused = _refused(command, books, uow=uow, now=now) or _unpermitted(command, books, caller)
        if refused is not None:
            return refused
        uow.journal.lock_through(books.key, command.through)
        through = None if command.through is None else str(command.through)
        details = {"reason": command.reason, "through": through}
        subject = f"books:{books.key}"
        return Effect(
            answer=Locked(books=books.key, through=command.through),
            subject=subject,
            at=now,
            details=details,
        )

    kept = Kept(write=_kept, read=_answered)
    return carried_out(command, decide, caller=caller, uow=uow, kept=kept)


def _unpermitted(command: LockMonths, books: Books, caller: Caller) -> Refused | None:
    locked = books.locked_through
    if locked is None or (command.through is not None and command.through >= locked):
        return None
    return books_refused(caller, "admin")


def _refused(
    command: LockMonths, books: Books, *, uow: UnitOfWork, now: datetime
) -> Refused | None:
    through = command.through
    if through is None:
        return None
    if books.end_of(through) > now:
        return refuse("month_not_over", f"{through} still runs in {books.zone}", "through")
    waiting = next(due_parts(uow, books, before=through.following()), None)
    if waiting is not None:
        message = f"deferred revenue waits for {waiting[0]}; recognize it first"
        return refuse("revenue_not_recognized", message, "through")
    return None


def _unreasoned(command: LockMonths) -> Refused | None:
    if not 0 < len(command.reason.strip()) <= REASON_LENGTH_MAX:
        message = f"say why, in 1 to {REASON_LENGTH_MAX} characters"
        return refuse("wrong_value", message, "reason")
    return None


def _kept(locked: Locked) -> bytes:
    through = None if locked.through is None else str(locked.through)
    return canonical_json([locked.books, through])


def _answered(answer: bytes) -> Outcome[Locked]:
    books, through = msgspec.json.decode(answer, type=tuple[str, str | None])
    return Done(Locked(books=books, through=None if through is None else accounting_month(through)))

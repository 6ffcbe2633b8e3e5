"""Books deferred revenue as earned, month by month, once each month is over."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import groupby

import msgspec

from tallystick.app.carrying_out import Decided, Effect, Kept, Unchanged, carried_out
from tallystick.app.clock import Clock
from tallystick.app.command import Caller
from tallystick.app.ledger.books import books_refused, chosen_entity, held_books
from tallystick.app.ledger.ports import Scheduled
from tallystick.app.unit_of_work import UnitOfWork
from tallystick.catalog import LegalEntity
from tallystick.kernel import Done, EntryId, InvariantBroken, Outcome, Refused
from tallystick.ledger import (
    AccountingMonth,
    Books,
    DeferredPart,
    PostedEntry,
    recognition_entry,
)


@dataclass(frozen=True, slots=True, kw_only=True)
class RecognizeRevenue:
    """
    Book as earned what waits for months that are over.

    Attributes:
        books: of one legal entity; None: of all.
    """

    books: str | None = None


def recognize_revenue(
    command: RecognizeRevenue, *, caller: Caller, uow: UnitOfWork, clock: Clock
) -> Outcome[tuple[PostedEntry, ...]]:
    """
    Book what is due and return the entries; a second call finds nothing to do.

    Each month is an entry of its own, effective at the month's last moment in the books' zone.

    Problems:
        forbidden: the caller lacks the scope ``billing``, or sees one account only.
        unknown_books: there is no such legal entity.
        Those of an idempotency key.
    """
    refused = books_refused(caller, "billing")
    if refused is not None:
        return refused
    now = clock.now()

    def decide() -> Decided[tuple[PostedEntry, ...]]:
        entities = _entities(uow, command.books)
        if isinstance(entities, Refused):
            return entities
        made: list[str] = []
        for entity in entities.value:
            books = held_books(uow, entity)
            made += _recognize(uow, books, over=books.month_at(now))
        posted = _posted(uow, made)
        if not made:
            return Unchanged(answer=posted)
        details = {"entries": made}
        return Effect(answer=posted, subject="journal:recognition", at=now, details=details)

    def read(ids: bytes) -> Outcome[tuple[PostedEntry, ...]]:
        return Done(_posted(uow, msgspec.json.decode(ids, type=list[str])))

    kept = Kept(write=_ids, read=read)
    return carried_out(command, decide, caller=caller, uow=uow, kept=kept)


def _ids(posted: tuple[PostedEntry, ...]) -> bytes:
    return msgspec.json.encode([each.entry.id for each in posted])


def read_schedule(
    caller: Caller, *, uow: UnitOfWork, books: str | None
) -> Outcome[tuple[Scheduled, ...]]:
    """
    Return what waits as deferred revenue, by month, price and currency.

    Problems:
        forbidden, unknown_books, books_missing: as elsewhere in the journal.
    """
    refused = books_refused(caller, "read")
    if refused is not None:
        return refused
    with uow:
        entity = chosen_entity(uow, books)
        if isinstance(entity, Refused):
            return entity
        return Done(uow.deferrals.schedule(entity.value.key))


def due_parts(
    uow: UnitOfWork, books: Books, *, before: AccountingMonth
) -> Iterator[tuple[AccountingMonth, Sequence[DeferredPart]]]:
    """Yield what waits for each month before one, in order of months."""
    due = [part for part in uow.deferrals.due(books.key, through=before) if part.month < before]
    for month, parts in groupby(due, key=lambda part: part.month):
        yield month, list(parts)


def _recognize(uow: UnitOfWork, books: Books, *, over: AccountingMonth) -> list[str]:
    """Book what is due in held books, and return the ids of the entries."""
    made: list[str] = []
    for month, parts in due_parts(uow, books, before=over):
        entry = recognition_entry(parts, month=month, books=books)
        if entry is not None:
            uow.journal.post(entry)
            made.append(entry.id)
        uow.deferrals.recognize(parts, by=None if entry is None else entry.id)
    return made


def _entities(uow: UnitOfWork, books: str | None) -> Outcome[list[LegalEntity]]:
    """Return whose books are meant, in the order in which all who hold several take them."""
    if books is not None:
        entity = chosen_entity(uow, books)
        return entity if isinstance(entity, Refused) else Done([entity.value])
    entities = uow.catalog.load_definitions().legal_entities
    return Done([entities[key] for key in sorted(entities)])


def _posted(uow: UnitOfWork, ids: Sequence[str]) -> tuple[PostedEntry, ...]:
    found = [uow.journal.find(EntryId(id)) for id in ids]
    posted = tuple(each for each in found if each is not None)
    if len(posted) != len(ids):
        raise InvariantBroken("an entry that was posted is gone")
    return posted

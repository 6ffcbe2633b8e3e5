"""Exports of the journal: by each name, each entry leaves once, and any export can be repeated."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import msgspec

from tallystick.app.audit import audit_record
from tallystick.app.clock import Clock
from tallystick.app.command import Caller, remember, remembered
from tallystick.app.ledger.books import books_refused, chosen_entity
from tallystick.app.ledger.ports import JournalExport
from tallystick.app.unit_of_work import UnitOfWork
from tallystick.kernel import Done, Outcome, Refused, canonical_json, is_key, refuse
from tallystick.ledger import Books, PostedEntry

BATCH = 1000


@dataclass(frozen=True, slots=True, kw_only=True)
class ExportJournal:
    """
    Export what no export of this name holds yet.

    Attributes:
        books: of which legal entity; None: of the only one.
        name: who takes it, as ``accounting``; each name has a course of its own.
    """

    books: str | None
    name: str


@dataclass(frozen=True, slots=True, kw_only=True)
class ExportedEntries:
    """
    What an export holds.

    Attributes:
        export: which one.
        books: their zone gives entries their days.
        known: chart accounts that occur before it in the books.
        entries: in order of position.
    """

    export: JournalExport
    books: Books
    known: frozenset[str]
    entries: Sequence[PostedEntry]


def export_journal(
    command: ExportJournal, *, caller: Caller, uow: UnitOfWork, clock: Clock
) -> Outcome[JournalExport | None]:
    """
    Begin an export of all entries behind the last one of its name; None if there are none.

    Positions have no gaps and follow the order of commits, so nothing is left out or told twice.

    Problems:
        forbidden: the caller lacks the scope ``billing``, or sees one account only.
        unknown_books, books_missing: no such legal entity, or none named among several.
        wrong_value: the name is no key.
        Those of an idempotency key.
    """
    refused = books_refused(caller, "billing")
    if refused is None and not is_key(command.name):
        refused = refuse("wrong_value", "a name is a key, such as accounting", "name")
    if refused is not None:
        return refused
    with uow:
        told = remembered(uow, caller, command)
        if isinstance(told, Refused):
            return told
        entity = chosen_entity(uow, command.books)
        if isinstance(entity, Refused):
            return entity
        books = entity.value.key
        uow.journal.hold(books)
        earlier = uow.journal_exports.of(books, command.name)
        if told.value is not None:
            number = msgspec.json.decode(told.value, type=int)
            return Done(earlier[number - 1] if number else None)
        last = uow.journal_reader.last_position(books)
        first = earlier[-1].last + 1 if earlier else 1
        export = None
        if first <= last:
            export = JournalExport(
                books=books,
                name=command.name,
                number=len(earlier) + 1,
                first=first,
                last=last,
                exported_at=clock.now(),
                exported_by=caller.actor,
            )
            uow.journal_exports.add(export)
            details = {"number": export.number, "first": first, "last": last}
            record = audit_record(
                caller,
                command,
                subject=f"journal_export:{books}:{command.name}",
                at=export.exported_at,
                details=details,
            )
            uow.audit.append(record)
        remember(uow, caller, command, canonical_json(export.number if export else 0))
        uow.commit()
    return Done(export)


def list_exports(caller: Caller, *, uow: UnitOfWork) -> Outcome[tuple[JournalExport, ...]]:
    """
    Return all exports by books, name and number.

    Problems:
        forbidden: the caller lacks the scope ``read``, or sees one account only.
    """
    refused = books_refused(caller, "read")
    if refused is not None:
        return refused
    with uow:
        return Done(uow.journal_exports.all())


def read_export(
    caller: Caller, wanted: ExportJournal, *, number: int, uow: UnitOfWork
) -> Outcome[ExportedEntries]:
    """
    Return the entries of an export; always the same ones.

    Problems:
        forbidden, unknown_books, books_missing: as elsewhere in the journal.
        unknown_export: there is none of this name and number.
    """
    refused = books_refused(caller, "read")
    if refused is not None:
        return refused
    with uow:
        entity = chosen_entity(uow, wanted.books)
        if isinstance(entity, Refused):
            return entity
        books = Books(key=entity.value.key, zone=entity.value.zone)
        exports = uow.journal_exports.of(books.key, wanted.name)
        if not 1 <= number <= len(exports):
            message = f"the books of {books.key} have no export {number} of {wanted.name!r}"
            return refuse("unknown_export", message, "number")
        export = exports[number - 1]
        return Done(
            ExportedEntries(
                export=export,
                books=books,
                known=uow.journal_reader.accounts(books.key, through=export.first - 1),
                entries=list(_entries(uow, export)),
            )
        )


def _entries(uow: UnitOfWork, export: JournalExport) -> Iterator[PostedEntry]:
    for first in range(export.first, export.last + 1, BATCH):
        last = min(first + BATCH - 1, export.last)
        yield from uow.journal_reader.range(export.books, first=first, last=last)

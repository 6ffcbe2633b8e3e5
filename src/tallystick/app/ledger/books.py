"""Which books a command or question is about, and their holding."""

from tallystick.app.command import Caller, missing_scope
from tallystick.app.unit_of_work import UnitOfWork
from tallystick.catalog import LegalEntity
from tallystick.kernel import Done, Outcome, Refused, refuse
from tallystick.ledger import Books


def books_refused(caller: Caller, scope: str) -> Refused | None:
    """
    Return why a caller may not see or change books, None if that is allowed.

    Problems:
        forbidden: the scope is lacking, or the key is one of a single account.
    """
    unpermitted = missing_scope(caller, scope)
    if unpermitted is not None:
        return Refused((unpermitted,))
    if caller.account is not None:
        return refuse("forbidden", "the journal is not open to a key of one account")
    return None


def chosen_entity(uow: UnitOfWork, books: str | None) -> Outcome[LegalEntity]:
    """
    Return the legal entity whose books are meant; the only one where none is named.

    Problems:
        unknown_books: there is no such legal entity.
        books_missing: none is named, and there is not exactly one.
    """
    entities = uow.catalog.load_definitions().legal_entities
    if books is None:
        if len(entities) == 1:
            return Done(next(iter(entities.values())))
        known = ", ".join(sorted(entities)) or "none yet"
        return refuse("books_missing", f"say whose books; there are: {known}", "books")
    entity = entities.get(books)
    if entity is None:
        return refuse("unknown_books", f"there is no legal entity {books!r}", "books")
    return Done(entity)


def held_books(uow: UnitOfWork, entity: LegalEntity) -> Books:
    """Return a legal entity's books; nobody else posts to them or locks them until the commit."""
    locked = uow.journal.hold(entity.key)
    return Books(key=entity.key, zone=entity.zone, locked_through=locked)

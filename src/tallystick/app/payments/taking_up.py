"""Takes up money of a payer to move it: locked, its books held."""

from datetime import datetime

from tallystick.app.command import Caller
from tallystick.app.ledger import chosen_entity, held_books
from tallystick.app.payments.moving import Moving
from tallystick.app.unit_of_work import UnitOfWork
from tallystick.kernel import Done, Outcome, Refused, refuse
from tallystick.payments import Standing


def taken_up(
    uow: UnitOfWork, source: str, *, caller: Caller, at: datetime, reason: str = ""
) -> Outcome[tuple[Standing, Moving]]:
    """
    Return how the payer of a source stands, and what moving its money takes.

    Problems:
        unknown_money: there is no payment or surplus of this id.
        unknown_books: the legal entity is gone from the catalog.
    """
    purse = uow.money.purse_of(source)
    if purse is None:
        return refuse("unknown_money", f"there is no payment or credit {source}", "source")
    entity = chosen_entity(uow, purse.legal_entity)
    if isinstance(entity, Refused):
        return entity
    uow.money.lock([purse.account])
    books = held_books(uow, entity.value)
    payment = uow.payments.load(source)
    moving = Moving(
        entity=entity.value,
        books=books,
        purse=purse,
        at=at,
        by=caller.actor,
        reason=reason,
        cash="bank" if payment is None else payment.payment.cash,
    )
    return Done((uow.money.standing(purse, source=source), moving))

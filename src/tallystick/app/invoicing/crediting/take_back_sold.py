"""Takes sold credit back as a note on the document that sold it is issued."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime

from tallystick.app.unit_of_work import UnitOfWork
from tallystick.credits import (
    Booking,
    BookingKind,
    CreditHistory,
    GrantKey,
    Movement,
    TakeBack,
    take_back,
)
from tallystick.invoicing import CREDIT_CODE, DocumentType, Invoice, Line
from tallystick.kernel import (
    AccountKey,
    Done,
    EntryId,
    InvoiceId,
    Money,
    Outcome,
    Refused,
    derived_id,
    refuse,
)


@dataclass(frozen=True, slots=True, kw_only=True)
class TakenBack:
    """That a note takes so much of a grant back, for money without tax."""

    account: AccountKey
    grant: GrantKey
    note: InvoiceId
    money: Money
    movement: Movement


def taken_back(
    uow: UnitOfWork, drafts: Sequence[Invoice], *, at: datetime
) -> Outcome[tuple[TakenBack, ...]]:
    """
    Return what notes take of credit that their documents sold; nothing is recorded.

    Problems:
        credit_used: a note gives more back than was paid for what nobody used.
    """
    found: list[TakenBack] = []
    histories: dict[AccountKey, CreditHistory] = {}
    for draft in drafts:
        for grant, line in _sold(draft):
            held = uow.credits.find(grant)
            if held is None:
                return refuse("unknown_grant", f"there is no grant {grant}", "invoice")
            history = histories.get(held.account) or uow.credits.load(held.account)
            order = TakeBack(
                key=f"{draft.id}/{grant}", grant=grant, money=-line.net, at=at, source=draft.id
            )
            movement = take_back(history, order)
            if isinstance(movement, Refused):
                return movement
            histories[held.account] = history.moved(movement.value)
            found.append(
                TakenBack(
                    account=held.account,
                    grant=grant,
                    note=draft.id,
                    money=order.money,
                    movement=movement.value,
                )
            )
    return Done(tuple(found))


def take_back_sold(
    uow: UnitOfWork, drafts: Sequence[Invoice], *, at: datetime
) -> Outcome[tuple[TakenBack, ...]]:
    """
    Record what notes take of credit that their documents sold, before they get numbers.

    Problems:
        Those of `taken_back`.
    """
    for account in sorted({draft.account for draft in drafts if [*_sold(draft)]}):
        uow.credits.hold(account)
    found = taken_back(uow, drafts, at=at)
    if isinstance(found, Done):
        for one in found.value:
            uow.credits.add_movement(one.account, one.movement, at=at)
    return found


def book_taken_back(uow: UnitOfWork, taken: Sequence[TakenBack]) -> None:
    """Note that the entries of notes moved what is owed; they are posted."""
    for one in taken:
        uow.credits.book(
            Booking(
                grant=one.grant,
                entry=EntryId(derived_id("entry", one.note)),
                kind=BookingKind.USED,
                minor=one.money.minor,
            )
        )


def _sold(draft: Invoice) -> Iterator[tuple[GrantKey, Line]]:
    """Yield the lines of a note that give back credit which was sold, with its grant."""
    if draft.document_type is not DocumentType.CREDIT_NOTE:
        return
    for line in draft.lines:
        kind, _, grant = line.key.price.partition(" ")
        if kind == CREDIT_CODE and line.net.minor < 0:
            yield GrantKey(grant), line

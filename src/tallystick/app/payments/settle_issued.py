"""
What issued documents do to a payer's money: notes leave a surplus, free money pays what is owed.

It is planned before the documents get their numbers, with the payers locked, so that each can say
what was paid of it already; and carried out behind them, with the books held.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime

from tallystick.app.payments.moving import Moving, make_moves
from tallystick.app.payments.ports import Drawn, Purse, Repaid, Surplus
from tallystick.app.unit_of_work import UnitOfWork
from tallystick.catalog import LegalEntity
from tallystick.kernel import AccountKey, InvoiceId, Money, Refused, check
from tallystick.ledger import Books
from tallystick.payments import (
    Move,
    Owed,
    Source,
    SourceKind,
    Standing,
    applied,
    apply_oldest_first,
    covered,
    surplus_entry,
    surplus_on,
)

ISSUER = "issue"


@dataclass(frozen=True, slots=True, kw_only=True)
class IssuedDocument:
    """
    What of a document that is issued concerns money.

    Attributes:
        total: negative for what gives back.
        corrects: the document that a credit note corrects; None for an invoice.
        replaces: the voided document in whose place it stands: what that was paid pays it first.
    """

    id: InvoiceId
    account: AccountKey
    total: Money
    corrects: InvoiceId | None
    replaces: InvoiceId | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Settlement:
    """
    What is to happen to the money of payers as documents are issued.

    Attributes:
        surplus: what notes leave, in order.
        drawn: credit that documents drew to be paid with.
        moves: how each payer concerned stands with all of it in, and which moves follow.
    """

    surplus: tuple[Surplus, ...] = ()
    drawn: tuple[Drawn, ...] = ()
    moves: tuple[tuple[Purse, Standing, tuple[Move, ...]], ...] = ()

    def paid(self, document: InvoiceId) -> tuple[Move, ...]:
        """Return the moves by which a document is paid as it is issued."""
        return tuple(
            move for _, _, moves in self.moves for move in moves if move.document == document
        )


def plan_settlement(
    uow: UnitOfWork,
    documents: Sequence[IssuedDocument],
    *,
    entity: str,
    at: datetime,
    drawn: Sequence[Drawn] = (),
) -> Settlement:
    """
    Return what documents leave over, and how free money of their payers pays, oldest first.

    Money that came in in another currency than the documents' is left to those who name documents,
    since what it realizes needs a rate.

    Args:
        uow: with the payers locked until it commits.
        documents: that are about to be issued, in this order.
        entity: key of their legal entity.
        at: the instant of issue.
        drawn: credit that the documents drew; it pays them before any other money.
    """
    surplus = tuple(_surplus(uow, documents, entity=entity, at=at))
    with_credit = uow.money.with_credit(one.account for one in documents)
    purses = {one for one in with_credit if one.legal_entity == entity}
    purses |= {one.purse for one in surplus} | {one.purse for one in drawn}
    planned = []
    for purse in _in_order(purses):
        standing = _with_issued(uow, purse, documents, at=at)
        for one in surplus:
            if one.purse == purse:
                standing = standing.with_source(
                    Source(
                        id=one.document,
                        kind=SourceKind.SURPLUS,
                        money=one.money,
                        free=one.money,
                        of=one.of,
                    )
                )
        own = [one for one in drawn if one.purse == purse]
        standing = replace(standing, sources=(*standing.sources, *map(_deposit, own)))
        paid = tuple(applied(one.id, one.document, one.money) for one in own)
        placed = (*paid, *_in_their_place(standing.after(paid), documents))
        moves = (*placed, *apply_oldest_first(standing.after(placed)))
        if moves:
            planned.append((purse, standing, moves))
    return Settlement(surplus=surplus, drawn=tuple(drawn), moves=tuple(planned))


def carry_out(
    uow: UnitOfWork, plan: Settlement, *, entity: LegalEntity, books: Books, at: datetime
) -> None:
    """Keep what was planned and post it; the documents are issued and the books held."""
    for one in plan.surplus:
        uow.money.add_surplus(one, by=ISSUER)
        payer = one.purse.account
        uow.journal.post(surplus_entry(one.document, one.money, payer=payer, at=at, books=books))
    for credit in plan.drawn:
        uow.money.add_drawn(credit, by=ISSUER)
    for purse, standing, moves in plan.moves:
        moving = Moving(entity=entity, books=books, purse=purse, at=at, by=ISSUER)
        made = make_moves(uow, standing, moves, moving)
        check(not isinstance(made, Refused), "money of one currency needs no rate")


def _surplus(
    uow: UnitOfWork, documents: Sequence[IssuedDocument], *, entity: str, at: datetime
) -> Iterable[Surplus]:
    """Yield what each document leaves over; several notes on one invoice go on from each other."""
    stands: dict[InvoiceId, Repaid] = {}
    for document in documents:
        if document.total.minor >= 0:
            continue
        of, money = document.corrects or document.id, -document.total
        if document.corrects is not None:
            before = stands[of] if of in stands else uow.money.repaid(of)
            due = before.due + document.total
            money = surplus_on(due=due, applied=before.applied, surplus=before.surplus)
            stands[of] = replace(before, due=due + money, surplus=before.surplus + money)
        if money.minor > 0:
            purse = Purse(account=document.account, legal_entity=entity, currency=money.currency)
            yield Surplus(document=document.id, of=of, purse=purse, money=money, at=at)


def _with_issued(
    uow: UnitOfWork, purse: Purse, documents: Sequence[IssuedDocument], *, at: datetime
) -> Standing:
    """Return how a payer stands with the documents, but for what they leave over."""
    standing = uow.money.standing(purse)
    standing = replace(
        standing, sources=tuple(one for one in standing.sources if one.received is None)
    )
    for order, one in enumerate(documents):
        if one.account != purse.account or one.total.currency != purse.currency:
            continue
        if one.corrects is not None:
            standing = _lowered(standing, one.corrects, one.total)
        elif one.total.minor > 0:
            owed = Owed(
                id=one.id,
                number="",
                due=one.total,
                due_on=date.max,
                issued_at=at,
                order=order,
            )
            standing = standing.with_document(owed)
    return standing


def _deposit(drawn: Drawn) -> Source:
    return Source(id=drawn.id, kind=SourceKind.DEPOSIT, money=drawn.money, free=drawn.money)


def _lowered(standing: Standing, document: InvoiceId, by: Money) -> Standing:
    """Return a standing with less owed for a document; one that is not owed stays as it is."""
    owed = [one for one in standing.owed if one.id == document]
    return standing.with_due(document, owed[0].due + by) if owed else standing


def _in_their_place(standing: Standing, documents: Sequence[IssuedDocument]) -> tuple[Move, ...]:
    """Return the moves by which what a voided document was paid pays the one in its place."""
    moves: list[Move] = []
    for document in documents:
        now = standing.after(moves)
        sources = [one for one in now.sources if one.of is not None and one.of == document.replaces]
        moves += covered(sources, [one for one in now.oldest_first if one.id == document.id])
    return tuple(moves)


def _in_order(purses: Iterable[Purse]) -> list[Purse]:
    return sorted(purses, key=lambda one: (one.account, one.legal_entity, one.currency.code))

"""Makes moves of money: each is kept, and has an entry of its own in the journal."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from tallystick.app.currency import RateQuestion, rate_on
from tallystick.app.payments.ports import Purse, RecordedMove
from tallystick.app.unit_of_work import UnitOfWork
from tallystick.catalog import LegalEntity
from tallystick.currency import ExchangeRate
from tallystick.kernel import Currency, Done, InvoiceId, Money, Outcome, Refused, time_zone
from tallystick.ledger import Books
from tallystick.payments import (
    BookedMove,
    Exchanged,
    Move,
    MoveKind,
    Source,
    Standing,
    move_entry,
    realized_gain,
    value_of_part,
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Moving:
    """
    Whose money is moved, when and by whom.

    Attributes:
        entity: whose books.
        books: those books, held.
        at: when it is decided; moves count from then, or from the payment on if it is later.
        by: who decided it.
        cash: where money that goes back leaves from.
        since: from when money that is applied counts, where that was before; never before the
            document that it pays.
    """

    entity: LegalEntity
    books: Books
    purse: Purse
    at: datetime
    by: str
    reason: str = ""
    reference: str = ""
    cash: str = "bank"
    since: datetime | None = None


def make_moves(
    uow: UnitOfWork, standing: Standing, moves: Sequence[Move], moving: Moving
) -> Outcome[Standing]:
    """
    Keep moves, post their entries, and return how the payer stands then.

    The payer is locked and the books are held.

    Problems:
        no_exchange_rate: what a payment in another currency realizes cannot be told, for want of
            the rate of the document's day.
    """
    recorded: list[RecordedMove] = []
    for move in moves:
        source = standing.source(move.source)
        after = standing.after([move])
        exchanged = _exchanged(uow, (standing, after), move, moving)
        if isinstance(exchanged, Refused):
            return exchanged
        at = _counts_from(standing, move, moving)
        booked = BookedMove(
            move=move,
            number=source.moves,
            at=at,
            payer=moving.purse.account,
            cash=moving.cash,
            exchanged=exchanged.value,
        )
        uow.journal.post(move_entry(booked, books=moving.books))
        recorded.append(
            RecordedMove(
                move=move,
                number=source.moves,
                at=at,
                by=moving.by,
                reference=moving.reference,
                reason=moving.reason,
            )
        )
        standing = after
    uow.money.add_moves(recorded)
    return Done(standing)


def _counts_from(standing: Standing, move: Move, moving: Moving) -> datetime:
    """Return from when a move counts; see `Moving`."""
    if moving.since is None or move.document is None or move.kind is not MoveKind.APPLIED:
        return moving.at
    return max(moving.since, standing.document(move.document).issued_at)


def _exchanged(
    uow: UnitOfWork, stands: tuple[Standing, Standing], move: Move, moving: Moving
) -> Outcome[Exchanged | None]:
    """Return what a move means in the books' own currency, None where that is not concerned."""
    before, _ = stands
    source = before.source(move.source)
    if source.received is None:
        return Done(None)
    nothing = source.received - source.received
    if move.document is None:
        return Done(Exchanged(value=_value_back(source, move), gain=nothing))
    rate = _rate_of(uow, before, (move.document, nothing.currency), moving)
    if isinstance(rate, Refused):
        return rate
    parts = [_standing_on(one, source, move.document) for one in stands]
    gain = realized_gain(
        parts[0], parts[1], money=source.money, received=source.received, rate=rate.value
    )
    return Done(Exchanged(value=nothing, gain=gain))


def _value_back(source: Source, move: Move) -> Money:
    received = source.money if source.received is None else source.received
    return value_of_part(move.money, money=source.money, received=received)


def _standing_on(standing: Standing, source: Source, document: InvoiceId) -> Money:
    """Return how much of a source stands on a document."""
    found = (
        one.money for one in standing.applied if (one.source, one.document) == (source.id, document)
    )
    return next(found, source.money - source.money)


def _rate_of(
    uow: UnitOfWork, standing: Standing, wanted: tuple[InvoiceId, Currency], moving: Moving
) -> Outcome[ExchangeRate]:
    """Return the rate of a document's day of issue, into the books' own currency."""
    document, own = wanted
    issued_at = standing.document(document).issued_at
    return rate_on(
        uow,
        RateQuestion(
            base=standing.currency,
            quote=own,
            on=issued_at.astimezone(time_zone(moving.entity.zone)).date(),
            rule=moving.entity.exchange_rates,
        ),
    )

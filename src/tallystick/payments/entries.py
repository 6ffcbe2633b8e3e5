"""
What payments move in the journal.

    100.00 EUR come in               cash:bank +100.00          customer_credit:acme -100.00
    80.00 pay an invoice             customer_credit:acme +80.00     receivable:acme -80.00
    20.00 go back                    customer_credit:acme +20.00           cash:bank -20.00
    30.00 more were given back       receivable:acme +30.00     customer_credit:acme -30.00
    than is owed
    30.00 are given up               customer_credit:acme +30.00       breakage:acme -30.00

So `receivable` is what is owed for documents, and `customer_credit` what is at hand. Where a
payment came in in the books' own currency for documents in another, a position keeps both balanced,
as `ledger.payment` shows; the difference is realized when it is applied.

The first counts at the payment's own instant, all others when they are decided, but none before the
document that it pays.
"""

from dataclasses import dataclass
from datetime import datetime

from tallystick.kernel import AccountKey, EntryId, Money, derived_id
from tallystick.ledger import AccountKind, Books, Entry, Posting, balanced, chart_name
from tallystick.payments.source import Payment
from tallystick.payments.standing import Move, MoveKind


@dataclass(frozen=True, slots=True, kw_only=True)
class Exchanged:
    """
    What a move means in the books' own currency, for a payment that came in in it.

    Attributes:
        value: what of the money received goes back; nothing where the move is no refund.
        gain: realized by the move; negative: a loss.
    """

    value: Money
    gain: Money


@dataclass(frozen=True, slots=True, kw_only=True)
class BookedMove:
    """
    A move with what its entry takes.

    Attributes:
        number: of the move among those of its source, from 0.
        at: from when it counts.
        payer: whose accounts are moved.
        cash: where money that goes back leaves from.
        exchanged: None where only one currency is moved.
    """

    move: Move
    number: int
    at: datetime
    payer: AccountKey
    cash: str = ""
    exchanged: Exchanged | None = None


def payment_entry(payment: Payment, *, books: Books) -> Entry:
    """Return the balanced entry of money that came in: cash, owed to the payer."""
    came = payment.money if payment.received is None else payment.received
    moved = [
        (chart_name(AccountKind.CASH, payment.cash), came),
        (chart_name(AccountKind.CUSTOMER_CREDIT, payment.account), -payment.money),
    ]
    if payment.received is not None:
        position = _position(payment.money)
        moved += [(position, -came), (position, payment.money)]
    return _entry(derived_id("entry", payment.id), payment.id, payment.paid_at, books, moved)


def move_entry(booked: BookedMove, *, books: Books) -> Entry:
    """Return the balanced entry of a move."""
    move, payer = booked.move, booked.payer
    credit = chart_name(AccountKind.CUSTOMER_CREDIT, payer)
    receivable = chart_name(AccountKind.RECEIVABLE, payer)
    used = -move.money if move.kind is MoveKind.TAKEN_BACK else move.money
    other = {
        MoveKind.APPLIED: receivable,
        MoveKind.TAKEN_BACK: receivable,
        MoveKind.REFUNDED: chart_name(AccountKind.CASH, booked.cash or "bank"),
        MoveKind.FORFEITED: chart_name(AccountKind.BREAKAGE, payer),
    }[move.kind]
    moved = [(credit, used), (other, -used)]
    if booked.exchanged is not None:
        moved = _exchanged(booked.exchanged, move, credit=credit, other=other)
    id_ = derived_id("entry", move.source, str(booked.number))
    return _entry(id_, move.document or move.source, booked.at, books, moved)


def surplus_entry(
    document: str, money: Money, *, payer: AccountKey, at: datetime, books: Books
) -> Entry:
    """Return the balanced entry by which what was given back beyond the debt is at hand."""
    moved = [
        (chart_name(AccountKind.RECEIVABLE, payer), money),
        (chart_name(AccountKind.CUSTOMER_CREDIT, payer), -money),
    ]
    return _entry(derived_id("entry", document, "surplus"), document, at, books, moved)


def _exchanged(
    exchanged: Exchanged, move: Move, *, credit: str, other: str
) -> list[tuple[str, Money]]:
    """Return what a move of money that came in in the books' own currency moves."""
    position = _position(move.money)
    if move.kind is MoveKind.REFUNDED:
        return [
            (credit, move.money),
            (position, -move.money),
            (position, exchanged.value),
            (other, -exchanged.value),
        ]
    used = -move.money if move.kind is MoveKind.TAKEN_BACK else move.money
    difference = chart_name(AccountKind.EXCHANGE_DIFFERENCE, move.money.currency.code)
    gain = exchanged.gain
    return [(credit, used), (other, -used), (position, gain), (difference, -gain)]


def _position(money: Money) -> str:
    return chart_name(AccountKind.CURRENCY_POSITION, money.currency.code)


def _entry(
    id_: str, source: str, at: datetime, books: Books, moved: list[tuple[str, Money]]
) -> Entry:
    return balanced(
        Entry(
            id=EntryId(id_),
            books=books.key,
            effective_at=at,
            posted_in=books.posting_month(at),
            source=source,
            postings=tuple(
                Posting(account=account, money=money)
                for account, money in moved
                if money.minor != 0
            ),
        )
    )

"""Payments, and how payers stand, over the wire; amounts are plain decimals in major units."""

from __future__ import annotations

from datetime import date, datetime
from typing import Annotated

import msgspec

from tallystick.app.payments import KnownPayment, PayerStanding, Purse
from tallystick.kernel import AccountKey, Money
from tallystick.payments import Method, MoveKind, SourceKind, Standing

Instant = Annotated[datetime, msgspec.Meta(tz=True)]


class PaidDocument(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """A document that is to be paid; without `amount` as far as money and debt reach."""

    document: str
    amount: str = ""


class PaymentOrder(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """
    What was paid: `amount` in the `currency` of the documents that it pays.

    `received` is what came in, where that was in the legal entity's own currency and the documents
    are in another. `documents` are paid first, the rest pays what is due, oldest first.
    """

    account: AccountKey
    amount: str
    currency: str
    legal_entity: str | None = None
    received: str = ""
    method: Method = Method.BANK_TRANSFER
    reference: str = ""
    note: str = ""
    cash: str = "bank"
    paid_at: Instant | None = None
    documents: Annotated[tuple[PaidDocument, ...], msgspec.Meta(max_length=10_000)] = ()


class RefundOrder(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """What went back; without `amount` all that is left of the payment."""

    reason: str
    amount: str = ""
    reference: str = ""


class AllocationOrder(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """
    What money pays, after it is taken back from the documents in `release`.

    Without `documents` it pays what is due, oldest first; so does what is free in the end.
    """

    documents: Annotated[tuple[PaidDocument, ...], msgspec.Meta(max_length=10_000)] = ()
    release: Annotated[tuple[str, ...], msgspec.Meta(max_length=10_000)] = ()


class ForfeitOrder(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Why a balance is given up."""

    reason: str


class MoveItem(msgspec.Struct, frozen=True, kw_only=True):
    """What happened to money of a payment, and when it counts; `document`: where to, or from."""

    kind: MoveKind
    amount: str
    document: str | None
    at: datetime
    by: str
    reference: str
    reason: str


class PaymentItem(msgspec.Struct, frozen=True, kw_only=True):
    """A payment with what became of it; `free` is neither applied nor refunded."""

    id: str
    account: str
    legal_entity: str
    amount: str
    currency: str
    received: str | None
    received_currency: str | None
    free: str
    method: Method
    reference: str
    note: str
    cash: str
    paid_at: datetime
    moves: tuple[MoveItem, ...]


class OwedItem(msgspec.Struct, frozen=True, kw_only=True):
    """An issued invoice of which something is due."""

    id: str
    number: str
    due: str
    due_on: date


class FreeItem(msgspec.Struct, frozen=True, kw_only=True):
    """Money at hand: what is free of a payment, or of the surplus that a document left."""

    id: str
    kind: SourceKind
    amount: str
    free: str


class PurseItem(msgspec.Struct, frozen=True, kw_only=True):
    """How a payer stands with one legal entity in one currency; `balance` = due less credit."""

    legal_entity: str
    currency: str
    due: str
    credit: str
    balance: str
    documents: tuple[OwedItem, ...]
    money: tuple[FreeItem, ...]


class StandingAnswer(msgspec.Struct, frozen=True, kw_only=True):
    """How a payer stands."""

    account: str
    items: tuple[PurseItem, ...]


def wire_from_payment(known: KnownPayment) -> PaymentItem:
    """Return a payment as it goes over the wire."""
    payment = known.payment
    received = payment.received
    return PaymentItem(
        id=payment.id,
        account=payment.account,
        legal_entity=payment.legal_entity,
        amount=_plain(payment.money),
        currency=payment.money.currency.code,
        received=None if received is None else _plain(received),
        received_currency=None if received is None else received.currency.code,
        free=_plain(known.source.free),
        method=payment.method,
        reference=payment.reference,
        note=payment.note,
        cash=payment.cash,
        paid_at=payment.paid_at,
        moves=tuple(
            MoveItem(
                kind=one.move.kind,
                amount=_plain(one.move.money),
                document=one.move.document,
                at=one.at,
                by=one.by,
                reference=one.reference,
                reason=one.reason,
            )
            for one in known.moves
        ),
    )


def wire_from_standing(found: PayerStanding) -> StandingAnswer:
    """Return how a payer stands as it goes over the wire."""
    return StandingAnswer(
        account=found.account,
        items=tuple(_purse(purse, standing) for purse, standing in found.purses),
    )


def _purse(purse: Purse, standing: Standing) -> PurseItem:
    return PurseItem(
        legal_entity=purse.legal_entity,
        currency=purse.currency.code,
        due=_plain(standing.due),
        credit=_plain(standing.credit),
        balance=_plain(standing.balance),
        documents=tuple(
            OwedItem(id=one.id, number=one.number, due=_plain(one.due), due_on=one.due_on)
            for one in standing.oldest_first
        ),
        money=tuple(
            FreeItem(id=one.id, kind=one.kind, amount=_plain(one.money), free=_plain(one.free))
            for one in standing.sources
            if one.free.minor > 0
        ),
    )


def _plain(money: Money) -> str:
    return f"{money.decimal:f}"

"""Records money that came in, and applies it: to documents that are named, then to the oldest."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from tallystick.app.accounts import payer_of_account
from tallystick.app.carrying_out import Decided, Effect, carried_out
from tallystick.app.clock import Clock
from tallystick.app.command import Caller, missing_scope
from tallystick.app.ledger import chosen_entity, held_books
from tallystick.app.payments.moving import Moving, make_moves
from tallystick.app.payments.ports import KnownPayment, Purse
from tallystick.app.payments.read_payments import kept_by_id, known_payment
from tallystick.app.payments.said import money_said, text_problem
from tallystick.app.unit_of_work import UnitOfWork
from tallystick.catalog import LegalEntity
from tallystick.kernel import (
    AccountKey,
    Currency,
    Done,
    InvoiceId,
    Misuse,
    Outcome,
    Problem,
    Refused,
    currency,
    derived_id,
    is_key,
    refuse,
)
from tallystick.payments import (
    Method,
    Named,
    Payment,
    Standing,
    apply_named,
    apply_oldest_first,
    payment_entry,
)


@dataclass(frozen=True, slots=True, kw_only=True)
class NamedDocument:
    """A document that is to be paid; ``amount`` empty: as far as money and debt reach."""

    document: InvoiceId
    amount: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class RecordPayment:
    """
    Record that a payer paid.

    Attributes:
        account: who paid, or an account for which he pays.
        amount: what it counts for, in major units of ``currency``.
        currency: of the documents that it pays.
        legal_entity: to whom it was paid; None: to the only one.
        received: what came in, in the legal entity's own currency, if that is another; empty: the
            amount itself came in.
        reference: the other side's; of a provider unique.
        cash: where it lies: a key, as ``bank``.
        paid_at: the value date; None: now.
        documents: what it pays first; the rest pays what is due, oldest first.
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
    paid_at: datetime | None = None
    documents: tuple[NamedDocument, ...] = ()


def record_payment(
    command: RecordPayment, *, caller: Caller, uow: UnitOfWork, clock: Clock
) -> Outcome[KnownPayment]:
    """
    Record a payment and apply it.

    Problems:
        forbidden: the caller lacks the scope ``billing``.
        card_number, wrong_text: see `text_problem`.
        unknown_account: there is no such account; no_payer: nobody is invoiced for it.
        unknown_books, books_missing: to whom it was paid is not known.
        wrong_amount, wrong_currency: what was paid cannot be; in_the_future: it is not paid yet.
        payment_known: a provider's reference was recorded before.
        Those of `apply_named` and `make_moves`.
    """
    problem = missing_scope(caller, "billing") or _said_problem(command, clock.now())
    if problem is not None:
        return Refused((problem,))

    def decide() -> Decided[KnownPayment]:
        payment = _record(command, uow, caller=caller, at=clock.now())
        if isinstance(payment, Refused):
            return payment
        id_ = payment.value
        known = known_payment(uow, id_)
        if isinstance(known, Refused):
            return known
        return Effect(
            answer=known.value,
            subject=f"account:{command.account}",
            at=clock.now(),
            details={"payment": id_},
        )

    return carried_out(command, decide, caller=caller, uow=uow, kept=kept_by_id(uow))


def _said_problem(command: RecordPayment, now: datetime) -> Problem | None:
    for field, text in (("reference", command.reference), ("note", command.note)):
        problem = text_problem(field, text)
        if problem is not None:
            return problem
    if not is_key(command.cash):
        message = f"{command.cash[:40]!r} is not a key such as bank"
        return Problem(code="wrong_text", message=message, field="cash")
    if command.paid_at is not None and command.paid_at > now:
        message = f"{command.paid_at} lies ahead; record what was received"
        return Problem(code="in_the_future", message=message, field="paid_at")
    return None


def _record(
    command: RecordPayment, uow: UnitOfWork, *, caller: Caller, at: datetime
) -> Outcome[str]:
    entity = chosen_entity(uow, command.legal_entity)
    if isinstance(entity, Refused):
        return entity
    account = uow.accounts.load_account(command.account)
    if account is None:
        return refuse("unknown_account", f"there is no account {command.account}", "account")
    payer = payer_of_account(uow, account, at=at)
    if payer is None:
        message = f"no account at or above {command.account} is invoiced"
        return refuse("no_payer", message, "account")
    uow.money.lock([payer.key])
    payment = _payment(command, uow, payer=payer.key, entity=entity.value, at=at)
    if isinstance(payment, Refused):
        return payment
    moving = Moving(
        entity=entity.value,
        books=held_books(uow, entity.value),
        purse=Purse(
            account=payer.key,
            legal_entity=entity.value.key,
            currency=payment.value.money.currency,
        ),
        at=at,
        by=caller.actor,
        since=payment.value.paid_at,
    )
    uow.payments.add(payment.value, at=at, by=caller.actor)
    uow.journal.post(payment_entry(payment.value, books=moving.books))
    applied = _apply(command, uow, payment.value.id, moving)
    return applied if isinstance(applied, Refused) else Done(payment.value.id)


def _payment(
    command: RecordPayment, uow: UnitOfWork, *, payer: AccountKey, entity: LegalEntity, at: datetime
) -> Outcome[Payment]:
    unit = _unit(uow, command.currency, payer)
    if unit is None:
        message = f"{command.currency[:40]!r} is not the code of a currency"
        return refuse("wrong_currency", message, "currency")
    money = money_said(command.amount, unit, field="amount")
    if isinstance(money, Refused):
        return money
    received = None
    if command.received:
        own = currency(entity.currency)
        if own == unit:
            message = f"{own.code} is the books' own currency; say the amount alone"
            return refuse("wrong_currency", message, "received")
        came = money_said(command.received, own, field="received")
        if isinstance(came, Refused):
            return came
        received = came.value
    if command.method is Method.PROVIDER and command.reference:
        earlier = uow.payments.named(command.reference)
        if earlier is not None:
            message = f"{command.reference} was recorded as {earlier}"
            return refuse("payment_known", message, "reference")
    number = uow.payments.count(payer) + 1
    return Done(
        Payment(
            id=derived_id("pay", uow.workspace, payer, str(number)),
            account=payer,
            legal_entity=entity.key,
            money=money.value,
            received=received,
            method=command.method,
            reference=command.reference,
            note=command.note,
            cash=command.cash,
            paid_at=command.paid_at or at,
        )
    )


def _apply(command: RecordPayment, uow: UnitOfWork, id_: str, moving: Moving) -> Outcome[Standing]:
    standing = uow.money.standing(moving.purse, source=id_)
    named = names_of(command.documents, moving.purse.currency)
    if isinstance(named, Refused):
        return named
    moves = apply_named(standing, id_, named.value)
    if isinstance(moves, Refused):
        return moves
    applied = make_moves(uow, standing, moves.value, moving)
    if isinstance(applied, Refused):
        return applied
    return make_moves(uow, applied.value, apply_oldest_first(applied.value), moving)


def names_of(documents: Sequence[NamedDocument], unit: Currency) -> Outcome[tuple[Named, ...]]:
    """
    Return which documents are to be paid, and with how much.

    Problems:
        wrong_amount: see `money_said`.
    """
    named: list[Named] = []
    for index, one in enumerate(documents):
        money = None
        if one.amount:
            said = money_said(one.amount, unit, field=f"documents[{index}].amount")
            if isinstance(said, Refused):
                return said
            money = said.value
        named.append(Named(document=one.document, money=money))
    return Done(tuple(named))


def _unit(uow: UnitOfWork, code: str, payer: AccountKey) -> Currency | None:
    """Return the currency of a code: one in which the payer has documents, or of ISO 4217."""
    known = [one.currency for one in uow.money.purses(payer) if one.currency.code == code]
    if known:
        return known[0]
    try:
        return currency(code)
    except Misuse:
        return None

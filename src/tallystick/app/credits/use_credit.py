"""Takes credit outside documents, and brings it back."""

from dataclasses import dataclass
from datetime import datetime

import msgspec

from tallystick.app.carrying_out import Decided, Effect, Kept, Unchanged, carried_out
from tallystick.app.clock import Clock
from tallystick.app.command import Caller, missing_scope
from tallystick.app.credits.booking import book_lapses, book_uses
from tallystick.app.unit_of_work import UnitOfWork
from tallystick.credits import (
    Debit,
    GiveBack,
    GrantKind,
    HoldingNames,
    Lot,
    Movement,
    MovementDocument,
    Treatment,
    Use,
    burn,
    give_back,
    holding_of,
    movement_from_wire,
    whole_part,
    wire_from_movement,
)
from tallystick.kernel import (
    AccountKey,
    Done,
    InvoiceId,
    Misuse,
    Outcome,
    PriceKey,
    Refused,
    is_key,
    parse_decimal,
    refuse,
)
from tallystick.ledger import AccountKind, chart_name

_TEXT_LENGTH_MAX = 200


@dataclass(frozen=True, slots=True, kw_only=True)
class BurnCredit:
    """
    Take credit of an account for something that no document is written for.

    Attributes:
        key: names it within the account; sent again, it is the same debit.
        amount: above 0, in ``holding``.
        price: what for; names the income too. Empty: anything.
        at: when it counts; None: now.
    """

    account: AccountKey
    key: str
    amount: str
    holding: HoldingNames
    price: str = ""
    at: datetime | None = None
    source: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class GiveCreditBack:
    """Bring back some of what the movement ``of`` took, in the reverse order."""

    account: AccountKey
    key: str
    of: str
    amount: str
    price: str = ""
    source: str = ""


_KEPT: Kept[Movement] = Kept(
    write=lambda movement: msgspec.json.encode(wire_from_movement(movement)),
    read=lambda kept: Done(movement_from_wire(msgspec.json.decode(kept, type=MovementDocument))),
)


def burn_credit(
    command: BurnCredit, *, caller: Caller, uow: UnitOfWork, clock: Clock
) -> Outcome[Movement]:
    """
    Take credit, all of it or nothing, and book what it earns.

    Only credit is asked whose tax is not due with its use: promotional, in units, or taxed when it
    was paid. Deposits, and paid discounts, pay documents.

    Problems:
        forbidden: the caller lacks the scope ``billing``.
        unknown_account: there is no such account.
        wrong_value: an amount, a key or a text that cannot be, or an instant that lies ahead.
        Those of `burn`.
    """
    problem = missing_scope(caller, "billing")
    if problem is not None:
        return Refused((problem,))
    now = clock.now()

    def decide() -> Decided[Movement]:
        debit = _debit(command, uow, now=now)
        if isinstance(debit, Refused):
            return debit
        moved = burn(uow.credits.load(command.account), debit.value, redeemable)
        return _effect_of(command, moved, uow=uow, now=now)

    return carried_out(command, decide, caller=caller, uow=uow, kept=_KEPT)


def give_credit_back(
    command: GiveCreditBack, *, caller: Caller, uow: UnitOfWork, clock: Clock
) -> Outcome[Movement]:
    """
    Bring credit back to the lots that it was taken of, and take back what it earned.

    Problems:
        forbidden: the caller lacks the scope ``billing``.
        unknown_account: there is no such account.
        wrong_value: an amount, a key or a text that cannot be.
        document_credit: a document took it, and is corrected by documents.
        Those of `give_back`.
    """
    problem = missing_scope(caller, "billing")
    if problem is not None:
        return Refused((problem,))
    now = clock.now()

    def decide() -> Decided[Movement]:
        faulty = _fault(command) or _unknown(uow, command.account)
        if faulty is not None:
            return faulty
        uow.credits.hold(command.account)
        history = uow.credits.load(command.account)
        taken_by_document = _document_problem(uow, history.movement(command.of))
        if taken_by_document is not None:
            return taken_by_document
        known = history.movement(command.key)
        back = GiveBack(
            key=command.key,
            of=command.of,
            at=now if known is None else known.at,
            amount=parse_decimal(command.amount),
            source=command.source,
        )
        moved = give_back(history, back)
        return _effect_of(command, moved, uow=uow, now=now)

    return carried_out(command, decide, caller=caller, uow=uow, kept=_KEPT)


def redeemable(lot: Lot) -> bool:
    """Tell whether credit may be used without a document: no tax is due with its use."""
    free = lot.grant.kind is GrantKind.PROMOTIONAL
    return free or lot.grant.treatment in {Treatment.PREPAID_TAXED, Treatment.UNITS}


def _effect_of(
    command: BurnCredit | GiveCreditBack,
    moved: Outcome[Movement],
    *,
    uow: UnitOfWork,
    now: datetime,
) -> Decided[Movement]:
    """Store a movement that is new, and book it."""
    if isinstance(moved, Refused):
        return moved
    movement, account = moved.value, command.account
    if uow.credits.load(account).movement(movement.key) is not None:
        return Unchanged(answer=movement)
    uow.credits.add_movement(account, movement, at=now)
    income = chart_name(AccountKind.REVENUE, command.price or "credit")
    book_uses(uow, account, against=income, source=f"credit:{movement.key}", at=movement.at)
    book_lapses(uow, account, now=now)
    details = {"movement": movement.key}
    return Effect(answer=movement, subject=f"account:{account}", at=now, details=details)


def _debit(command: BurnCredit, uow: UnitOfWork, *, now: datetime) -> Outcome[Debit]:
    faulty = _fault(command) or _unknown(uow, command.account)
    if faulty is not None:
        return faulty
    amount = parse_decimal(command.amount)
    try:
        of = holding_of(command.holding, uow.catalog.load_definitions().units)
    except Misuse as error:
        return refuse("wrong_value", str(error), "currency")
    if whole_part(amount, of) != amount:
        return refuse("wrong_value", "the amount has more places than the currency", "amount")
    if command.at is not None and command.at > now:
        return refuse("wrong_value", "credit is used now or was used before", "at")
    uow.credits.hold(command.account)
    known = uow.credits.load(command.account).movement(command.key)
    counts = now if known is None else known.at
    return Done(
        Debit(
            key=command.key,
            at=command.at or counts,
            amount=amount,
            of=of,
            use=Use(price=PriceKey(command.price)) if command.price else None,
            source=command.source,
        )
    )


def _fault(command: BurnCredit | GiveCreditBack) -> Refused | None:
    if not _is_above_nothing(command.amount):
        message = "an amount is a number above 0, such as 12.50"
        return refuse("wrong_value", message, "amount")
    if not is_key(command.key):
        return refuse("wrong_value", "a key has 1 to 128 of A-Z a-z 0-9 . _ : @ / -", "key")
    if command.price and not is_key(command.price):
        return refuse("wrong_value", "this is no key of a price", "price")
    if len(command.source) > _TEXT_LENGTH_MAX or not command.source.isprintable():
        message = f"the source has at most {_TEXT_LENGTH_MAX} printable characters"
        return refuse("wrong_value", message, "source")
    return None


def _is_above_nothing(text: str) -> bool:
    try:
        return parse_decimal(text) > 0
    except Misuse:
        return False


def _unknown(uow: UnitOfWork, account: AccountKey) -> Refused | None:
    if uow.accounts.load_account(account) is None:
        return refuse("unknown_account", f"there is no account {account}", "account")
    return None


def _document_problem(uow: UnitOfWork, taken: Movement | None) -> Refused | None:
    """Return why what a document took is not given back by hand: its lines would say it still."""
    found = None if taken is None else uow.invoices.load_document(InvoiceId(taken.source))
    if found is None:
        return None
    message = (
        f"{found.invoice.number or found.invoice.id} took it; void that document or credit it, "
        "and what it took comes back"
    )
    return refuse("document_credit", message, "of")

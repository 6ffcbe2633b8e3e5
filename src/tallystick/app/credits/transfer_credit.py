"""Transfers credit to another account: what is taken of each lot is a grant there, on its terms."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime

import msgspec

from tallystick.accounts import is_invoiced_at
from tallystick.app.carrying_out import Decided, Effect, Kept, carried_out
from tallystick.app.clock import Clock
from tallystick.app.command import Caller, missing_scope
from tallystick.app.credits.booking import book_lapses, book_uses
from tallystick.app.unit_of_work import UnitOfWork
from tallystick.credits import (
    BookingKind,
    Debit,
    Grant,
    GrantDocument,
    GrantKey,
    GrantKind,
    Holding,
    HoldingNames,
    LotStanding,
    Movement,
    MovementKind,
    burn,
    grant_from_wire,
    holding_of,
    standing,
    whole_part,
    wire_from_grant,
)
from tallystick.kernel import (
    AccountKey,
    Done,
    Misuse,
    Money,
    Outcome,
    Refused,
    derived_id,
    parse_decimal,
    refuse,
)
from tallystick.ledger import AccountKind, chart_name


@dataclass(frozen=True, slots=True, kw_only=True)
class TransferCredit:
    """
    Transfer an account's credit to another.

    Attributes:
        amount: above 0, in ``holding``; taken in burn order, whatever grants may be used for.
        grant: only of this grant; empty: of any.
    """

    account: AccountKey
    to: AccountKey
    amount: str
    holding: HoldingNames
    grant: str = ""


def transfer_credit(
    command: TransferCredit, *, caller: Caller, uow: UnitOfWork, clock: Clock
) -> Outcome[tuple[Grant, ...]]:
    """
    Take credit of one account, all of it or nothing, and give it to another; return the new grants.

    Each keeps kind, treatment, priority, scope and end of the lot it was taken of.

    Problems:
        forbidden: the caller lacks the scope ``billing``.
        unknown_account: there is no such account.
        not_a_payer: credit that was paid for belongs to an account that is invoiced.
        wrong_value: an amount that cannot be, or one account twice.
        insufficient_credit: less than that may be transferred.
    """
    problem = missing_scope(caller, "billing")
    if problem is not None:
        return Refused((problem,))
    now = clock.now()

    def decide() -> Decided[tuple[Grant, ...]]:
        made = _transferred(command, uow, now=now)
        if isinstance(made, Refused):
            return made
        details = {"grants": [grant.key for grant in made.value]}
        subject = f"account:{command.account}"
        return Effect(answer=made.value, subject=subject, at=now, details=details)

    kept = Kept(write=_kept, read=_answered)
    return carried_out(command, decide, caller=caller, uow=uow, kept=kept)


def _kept(grants: tuple[Grant, ...]) -> bytes:
    return msgspec.json.encode([wire_from_grant(grant) for grant in grants])


def _answered(kept: bytes) -> Outcome[tuple[Grant, ...]]:
    return Done(tuple(map(grant_from_wire, msgspec.json.decode(kept, type=list[GrantDocument]))))


def _transferred(
    command: TransferCredit, uow: UnitOfWork, *, now: datetime
) -> Outcome[tuple[Grant, ...]]:
    of = _holding(command, uow)
    if isinstance(of, Refused):
        return of
    # Both are held in the order of their keys, so that two transfers never wait for each other.
    numbers = {key: uow.credits.hold(key) for key in sorted({command.account, command.to})}
    name = derived_id("transfer", command.account, str(numbers[command.account]))
    debit = Debit(
        key=name,
        at=now,
        amount=parse_decimal(command.amount),
        of=of.value,
        kind=MovementKind.TRANSFERRED,
        source=f"to {command.to}",
    )
    history = uow.credits.load(command.account)
    moved = burn(history, debit, lambda lot: command.grant in {"", lot.grant.key})
    if isinstance(moved, Refused):
        return moved
    payer = uow.accounts.load_account(command.to)
    grants = _grants(command.to, moved.value, standing(history, now), at=now)
    if any(one.kind is GrantKind.PAID for one in grants) and not (
        payer and is_invoiced_at(payer, now)
    ):
        message = f"{command.to} is not invoiced; what was paid for belongs to a payer"
        return refuse("not_a_payer", message, "to")
    uow.credits.add_movement(command.account, moved.value, at=now)
    return Done(_given(uow, command, grants, name=name, at=now))


def _given(
    uow: UnitOfWork, command: TransferCredit, grants: Sequence[Grant], *, name: str, at: datetime
) -> tuple[Grant, ...]:
    """Store the new grants with what was owed for each part, and move what is owed."""
    owed_to = chart_name(AccountKind.PREPAID_CREDIT, command.to)
    before = dict(uow.credits.booked(command.account))
    book_uses(uow, command.account, against=owed_to, source=f"credit:{name}", at=at)
    booked = uow.credits.booked(command.account)
    made: list[Grant] = []
    for grant in grants:
        key = (GrantKey(grant.origin), BookingKind.USED)
        minor = booked.get(key, 0) - before.pop(key, 0)
        given = grant
        if grant.price_paid is not None:
            worth = Money(minor=minor, currency=grant.price_paid.currency)
            given = replace(grant, sold_for=worth)
        uow.credits.add_grant(given)
        made.append(given)
    book_lapses(uow, command.account, now=at)
    return tuple(made)


def _grants(
    to: AccountKey, movement: Movement, lots: Sequence[LotStanding], *, at: datetime
) -> list[Grant]:
    """Return what is given for each part that was taken."""
    by_id = {one.lot.id: one.lot for one in lots}
    return [
        replace(
            by_id[part.lot].grant,
            key=GrantKey(derived_id("grant", to, movement.key, str(place))),
            account=to,
            amount=part.amount,
            given_at=at,
            effective_at=at,
            expires_at=by_id[part.lot].expires_at,
            recurs=None,
            origin=part.lot.grant,
        )
        for place, part in enumerate(movement.parts)
    ]


def _holding(command: TransferCredit, uow: UnitOfWork) -> Outcome[Holding]:
    for field, key in (("account", command.account), ("to", command.to)):
        if uow.accounts.load_account(key) is None:
            return refuse("unknown_account", f"there is no account {key}", field)
    if command.account == command.to:
        return refuse("wrong_value", "credit goes to another account", "to")
    try:
        of = holding_of(command.holding, uow.catalog.load_definitions().units)
        amount = parse_decimal(command.amount)
    except Misuse as error:
        return refuse("wrong_value", str(error), "amount")
    if amount <= 0 or whole_part(amount, of) != amount:
        return refuse("wrong_value", "an amount is above 0, in whole smallest parts", "amount")
    return Done(of)

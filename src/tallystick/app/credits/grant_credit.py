"""Gives an account credit: promotional, or paid with money that was received."""

from dataclasses import dataclass
from datetime import datetime

import msgspec

from tallystick.accounts import is_invoiced_at
from tallystick.app.carrying_out import Decided, Effect, Kept, carried_out
from tallystick.app.clock import Clock
from tallystick.app.command import Caller, missing_scope
from tallystick.app.credits.booking import Booked, book, book_lapses
from tallystick.app.unit_of_work import UnitOfWork
from tallystick.credits import (
    BookingKind,
    Grant,
    GrantDocument,
    GrantKind,
    GrantOrder,
    Ordered,
    grant_from_wire,
    grant_of,
    wire_from_grant,
)
from tallystick.kernel import AccountKey, Done, Outcome, Refused, derived_id, refuse
from tallystick.ledger import AccountKind, chart_name


@dataclass(frozen=True, slots=True, kw_only=True)
class GrantCredit:
    """
    Give an account credit.

    Attributes:
        order: what is given.
        cash: where the money for a paid grant lies, as ``bank``; its entry debits it.
    """

    order: GrantOrder
    cash: str = "bank"


_KEPT: Kept[Grant] = Kept(
    write=lambda grant: msgspec.json.encode(wire_from_grant(grant)),
    read=lambda kept: Done(grant_from_wire(msgspec.json.decode(kept, type=GrantDocument))),
)


def grant_credit(
    command: GrantCredit, *, caller: Caller, uow: UnitOfWork, clock: Clock
) -> Outcome[Grant]:
    """
    Record a grant, and what was received for it in the journal.

    Problems:
        forbidden: the caller lacks the scope ``billing``.
        unknown_account: there is no such account.
        not_a_payer: credit that is paid for belongs to an account that is invoiced.
        known_grant: there is a grant of this key.
        books_missing, unknown_legal_entity: it is not clear who was paid.
        Those of `grant_of`.
    """
    unpermitted = missing_scope(caller, "billing")
    if unpermitted is not None:
        return Refused((unpermitted,))
    now = clock.now()

    def decide() -> Decided[Grant]:
        made = ordered_grant(command.order, uow, at=now)
        if isinstance(made, Refused):
            return made
        grant = made.value
        uow.credits.add_grant(grant)
        _book_sale(uow, grant, cash=command.cash, at=now)
        book_lapses(uow, grant.account, now=now)
        details = {"grant": grant.key}
        subject = f"account:{grant.account}"
        return Effect(answer=grant, subject=subject, at=now, details=details)

    return carried_out(command, decide, caller=caller, uow=uow, kept=_KEPT)


def ordered_grant(order: GrantOrder, uow: UnitOfWork, *, at: datetime) -> Outcome[Grant]:
    """Return the grant that an order means in this workspace; its account's credit is held."""
    account = uow.accounts.load_account(AccountKey(order.account))
    if account is None:
        return refuse("unknown_account", f"there is no account {order.account}", "account")
    if order.kind == GrantKind.PAID and not is_invoiced_at(account, at):
        message = f"{account.key} is not invoiced; what is paid for belongs to its payer"
        return refuse("not_a_payer", message, "account")
    number = uow.credits.hold(account.key)
    definitions = uow.catalog.load_definitions()
    entities = definitions.legal_entities
    if order.kind == GrantKind.PAID and not order.legal_entity:
        if len(entities) != 1:
            known = ", ".join(sorted(entities)) or "none yet"
            message = f"say who was paid; there are: {known}"
            return refuse("books_missing", message, "legal_entity")
        order = msgspec.structs.replace(order, legal_entity=next(iter(entities)))
    if order.legal_entity and order.legal_entity not in entities:
        message = f"there is no legal entity {order.legal_entity}"
        return refuse("unknown_legal_entity", message, "legal_entity")
    known_by = Ordered(
        key=derived_id("grant", account.key, str(number)), at=at, units=definitions.units
    )
    made = grant_of(order, known_by)
    if isinstance(made, Done) and uow.credits.find(made.value.key) is not None:
        return refuse("known_grant", f"there is a grant {made.value.key}", "key")
    return made


def _book_sale(uow: UnitOfWork, grant: Grant, *, cash: str, at: datetime) -> None:
    paid = grant.price_paid
    if paid is None or paid.minor == 0:
        return
    sale = Booked(
        account=grant.account,
        grant=grant.key,
        kind=BookingKind.SOLD,
        money=paid,
        against=chart_name(AccountKind.CASH, cash),
        legal_entity=grant.legal_entity,
        source=f"credit:{grant.key}",
        effective_at=at,
    )
    book(uow, sale)

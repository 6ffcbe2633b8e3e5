"""Sells credit to an account: an invoice over it, the grant, and what is given on top."""

from dataclasses import dataclass, replace
from datetime import datetime

import msgspec

from tallystick.app.carrying_out import Decided, Effect, as_json, carried_out
from tallystick.app.command import Caller, missing_scope
from tallystick.app.credits import Booking, BookingKind, ordered_grant
from tallystick.app.invoicing.ports import BillingSources
from tallystick.app.invoicing.selling.bill_one_off import BillOneOff, issue_sale, sale_facts
from tallystick.app.unit_of_work import UnitOfWork
from tallystick.credits import (
    BonusSlab,
    Grant,
    GrantDocument,
    GrantKey,
    GrantKind,
    GrantOrder,
    Treatment,
    bonus,
    wire_from_grant,
)
from tallystick.invoicing import CREDIT_CODE, SoldLine, draft_sale
from tallystick.kernel import (
    Done,
    EntryId,
    Money,
    Outcome,
    Refused,
    derived_id,
    plain,
    refuse,
)


@dataclass(frozen=True, slots=True, kw_only=True)
class TopUpCredit:
    """
    Sell an account credit, on an invoice of its own.

    Attributes:
        order: what is sold; paid money in the payer's currency.
        slabs: what is given on top, promotional, by what is paid.
        said: what is given on top whatever the slabs say; None: by the slabs.
    """

    order: GrantOrder
    slabs: tuple[BonusSlab, ...] = ()
    said: Money | None = None


class ToppedUp(msgspec.Struct, frozen=True, kw_only=True):
    """The invoice over credit that was sold, the grant, and the one on top if there is any."""

    invoice: str
    number: str
    grant: GrantDocument
    bonus: GrantDocument | None


def top_up_credit(
    command: TopUpCredit, *, caller: Caller, uow: UnitOfWork, sources: BillingSources
) -> Outcome[ToppedUp]:
    """
    Issue an invoice over credit and give it; owed for it is what the invoice charges without tax.

    Credit that is `prepaid_taxed` bears the taxes of the day of issue; any other is a deposit, on
    an invoice without tax, and taxed as it is used.

    Problems:
        forbidden: the caller lacks the scope ``billing``.
        wrong_value: it is not paid money in the payer's currency.
        Those of `grant_credit` and `bill_one_off`.
    """
    unpermitted = missing_scope(caller, "billing")
    if unpermitted is not None:
        return Refused((unpermitted,))
    now = sources.clock.now()

    def decide() -> Decided[ToppedUp]:
        made = sell_credit(command, caller=caller, uow=uow, sources=sources)
        if isinstance(made, Refused):
            return made
        answer, digest = made.value
        details = {"grant": answer.grant.key, "issued": {answer.invoice: digest}}
        subject = f"account:{command.order.account}"
        return Effect(answer=answer, subject=subject, at=now, details=details)

    return carried_out(command, decide, caller=caller, uow=uow, kept=as_json(ToppedUp))


def sell_credit(
    command: TopUpCredit, *, caller: Caller, uow: UnitOfWork, sources: BillingSources
) -> Outcome[tuple[ToppedUp, str]]:
    """
    Sell credit within a unit of work that is open; return what was sold, and the document's digest.

    Problems:
        As `top_up_credit`, but for the scope.
    """
    now = sources.clock.now()
    given = ordered_grant(command.order, uow, at=now)
    if isinstance(given, Refused):
        return given
    grant = given.value
    paid = grant.price_paid
    account = uow.accounts.load_account(grant.account)
    if paid is None or account is None or paid.currency.code != account.currency:
        message = "a top-up is paid money in the currency of the payer"
        return refuse("wrong_value", message, "currency")
    sale = BillOneOff(
        account=grant.account,
        legal_entity=grant.legal_entity,
        lines=(
            SoldLine(
                code=f"{CREDIT_CODE} {grant.key}",
                description=grant.name or "Credit",
                unit_price=plain(paid.decimal),
            ),
        ),
    )
    facts = sale_facts(sale, uow, sources)
    if isinstance(facts, Refused):
        return facts
    of = facts.value
    if grant.treatment is not Treatment.PREPAID_TAXED:
        of = replace(of, basis=replace(of.basis, tax=None))
    draft = draft_sale(of)
    if isinstance(draft, Refused):
        return draft
    issued = issue_sale(uow, draft.value, of, sources=sources, caller=caller)
    if isinstance(issued, Refused):
        return issued
    invoice = issued.value.invoice
    uow.credits.add_grant(grant)
    entry = EntryId(derived_id("entry", invoice.id))
    uow.credits.book(Booking(grant=grant.key, entry=entry, kind=BookingKind.SOLD, minor=paid.minor))
    more = _on_top(grant, bonus(paid, command.slabs, said=command.said), at=now)
    if more is not None:
        uow.credits.add_grant(more)
    answer = ToppedUp(
        invoice=invoice.id,
        number=str(invoice.number),
        grant=wire_from_grant(grant),
        bonus=None if more is None else wire_from_grant(more),
    )
    return Done((answer, issued.value.digest))


def _on_top(grant: Grant, money: Money, *, at: datetime) -> Grant | None:
    """Return what is given on top, on the terms of what was sold; None for nothing."""
    if money.minor <= 0:
        return None
    return replace(
        grant,
        key=GrantKey(derived_id("grant", grant.key, "bonus")),
        kind=GrantKind.PROMOTIONAL,
        treatment=Treatment.DISCOUNT,
        amount=money.decimal,
        of=money.currency,
        sold_for=None,
        given_at=at,
        name=f"{grant.name} bonus" if grant.name else "",
    )

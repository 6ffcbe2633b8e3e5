"""
Draws credit that pays after tax: deposits, and promotional money that counts as a payment.

It pays what a document comes to, taxes included, line by line as its scope allows, and becomes
money of that document (`payments.SourceKind.DEPOSIT`); so what is owed, and what a credit note
leaves over, follow as of any payment.
"""

from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import datetime
from decimal import Decimal

from tallystick.app.invoicing.crediting.take_credit import Purses, TakenCredit
from tallystick.app.invoicing.explain_invoice import read_basis
from tallystick.app.invoicing.paying import load_paying
from tallystick.app.payments import Drawn, Purse
from tallystick.app.unit_of_work import UnitOfWork
from tallystick.credits import (
    CreditHistory,
    Grant,
    LotId,
    Movement,
    MovementKind,
    Need,
    Part,
    Treatment,
    Use,
    by_account,
    cover,
    joined,
    supplies_at,
    taken_by,
)
from tallystick.invoicing import (
    Basis,
    DocumentType,
    Invoice,
    Line,
    LineKind,
    Purpose,
    plan_of,
)
from tallystick.kernel import EXACT, AccountKey, Money, derived_id
from tallystick.ledger import AccountKind, chart_name


def draw_deposits(
    uow: UnitOfWork, drafts: Sequence[Invoice], purses: Purses, *, at: datetime
) -> tuple[tuple[TakenCredit, ...], tuple[Drawn, ...]]:
    """
    Record what drafts draw, in their order.

    Lots that hold something at the instant of issue may be drawn, in burn order; those of an
    account below the payer for lines of its contracts alone, and of contracts below it.

    Args:
        uow: open.
        drafts: that are issued.
        purses: the accounts of their payers that hold credit; they are held.
        at: the instant of issue.
    """
    taken: list[TakenCredit] = []
    drawn: list[Drawn] = []
    for draft in drafts:
        if draft.document_type is not DocumentType.INVOICE or draft.total.minor <= 0:
            continue
        histories = {one: uow.credits.load(one) for one in purses.get(draft.account, ())}
        movement = _drawing(uow, draft, histories, at=at)
        if movement is None:
            continue
        grants = (grant for history in histories.values() for grant in history.grants)
        for account, own in by_account(movement, grants).items():
            uow.credits.add_movement(account, own, at=at)
            taken.append(_taken(draft, own, histories[account]))
        drawn.append(_drawn(draft, _money(draft, movement), at=at))
    return tuple(taken), tuple(drawn)


def _taken(draft: Invoice, movement: Movement, before: CreditHistory) -> TakenCredit:
    (account,) = {one.account for one in before.grants}
    return TakenCredit(
        account=account,
        legal_entity=draft.legal_entity,
        before=before,
        movement=movement,
        against=chart_name(AccountKind.CUSTOMER_CREDIT, draft.account),
        drawn=_money(draft, movement),
    )


def _money(draft: Invoice, movement: Movement) -> Money:
    minor = taken_by(movement).scaleb(draft.currency.exponent)
    return Money(minor=int(minor), currency=draft.currency)


def _drawing(
    uow: UnitOfWork,
    draft: Invoice,
    histories: Mapping[AccountKey, CreditHistory],
    *,
    at: datetime,
) -> Movement | None:
    """Return the movement by which a draft draws; None: nothing."""
    history = joined(histories.values())
    grants = {one.key for one in history.grants if _is_deposit(one, draft)}
    stored = uow.invoices.load_document(draft.id) if grants else None
    if stored is None:
        return None
    needs = _needs(uow, draft, read_basis(stored))
    parts: dict[LotId, Decimal] = {}
    for one in cover(needs, supplies_at(history, at, lambda lot: lot.grant.key in grants)):
        parts[one.lot] = EXACT.add(parts.get(one.lot, Decimal(0)), one.amount)
    if not parts:
        return None
    return Movement(
        key=f"pays {draft.id}",
        kind=MovementKind.BURNED,
        at=at,
        parts=tuple(Part(lot=lot, amount=amount) for lot, amount in parts.items()),
        source=draft.id,
    )


def _needs(uow: UnitOfWork, draft: Invoice, basis: Basis) -> list[Need]:
    """
    Return what each line needs, taxes included, in all no more than the document comes to.

    Lines below nothing lower what the last ones need.
    """
    holders = {
        one.subscription.key: _holders(uow, one.subscription.account, draft)
        for one in basis.contracts
    }
    left, needs = draft.total.decimal, []
    for line in draft.lines:
        gross = sum((one.money for one in line.taxes), line.net).decimal
        amount = min(max(gross, Decimal(0)), left)
        left = EXACT.subtract(left, amount)
        own = holders.get(line.key.subscription, frozenset({draft.account}))
        use = replace(_use(line, draft, basis), holders=own)
        needs.append(Need(amount=amount, of=draft.currency, use=use))
    return needs


def _holders(uow: UnitOfWork, account: AccountKey, draft: Invoice) -> frozenset[AccountKey]:
    """Return whose credit pays lines of an account's contract: its own, and of those above it."""
    subscriber = uow.accounts.load_account(account)
    paying = None if subscriber is None else load_paying(uow, subscriber, payer=draft.account)
    return frozenset({draft.account, *(() if paying is None else paying.holders)})


def _use(line: Line, draft: Invoice, basis: Basis) -> Use:
    of = basis.of(line.key.subscription)
    is_own = line.key.subscription == of.subscription.key
    if line.kind is LineKind.MANUAL or draft.purpose is Purpose.ONE_OFF or not is_own:
        return Use(price=line.key.price)
    price = of.price_of(line.key)
    return Use(
        price=line.key.price,
        plan=plan_of(of, line.key),
        meter=None if price is None else price.meter,
    )


def _is_deposit(grant: Grant, draft: Invoice) -> bool:
    mine = grant.legal_entity in {"", draft.legal_entity}
    return mine and grant.treatment is Treatment.PAYMENT and grant.of == draft.currency


def _drawn(draft: Invoice, money: Money, *, at: datetime) -> Drawn:
    purse = Purse(account=draft.account, legal_entity=draft.legal_entity, currency=draft.currency)
    id_ = derived_id("deposit", draft.id)
    return Drawn(id=id_, document=draft.id, purse=purse, money=money, at=at)

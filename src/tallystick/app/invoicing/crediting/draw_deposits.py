"""
Draws credit that pays after tax: deposits, and promotional money that counts as a payment.

It pays what a document comes to, taxes included, line by line as its scope allows, and becomes
money of that document (`payments.SourceKind.DEPOSIT`); so what is owed, and what a credit note
leaves over, follow as of any payment.
"""

from collections.abc import Sequence
from datetime import datetime
from decimal import Decimal

from tallystick.app.invoicing.crediting.take_credit import TakenCredit
from tallystick.app.invoicing.explain_invoice import read_basis
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
    cover,
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
from tallystick.kernel import EXACT, Money, derived_id
from tallystick.ledger import AccountKind, chart_name


def draw_deposits(
    uow: UnitOfWork, drafts: Sequence[Invoice], *, at: datetime
) -> tuple[tuple[TakenCredit, ...], tuple[Drawn, ...]]:
    """
    Record what drafts draw, in their order; credit of their payers is held.

    Lots that hold something at the instant of issue may be drawn, in burn order.
    """
    taken: list[TakenCredit] = []
    drawn: list[Drawn] = []
    holders = uow.money.with_grants(draft.account for draft in drafts)
    for draft in drafts:
        if draft.account not in holders:
            continue
        history = uow.credits.load(draft.account)
        movement = _drawing(uow, draft, history, at=at)
        if movement is None:
            continue
        uow.credits.hold(draft.account)
        uow.credits.add_movement(draft.account, movement, at=at)
        minor = taken_by(movement).scaleb(draft.currency.exponent)
        money = Money(minor=int(minor), currency=draft.currency)
        taken.append(
            TakenCredit(
                account=draft.account,
                legal_entity=draft.legal_entity,
                before=history,
                movement=movement,
                against=chart_name(AccountKind.CUSTOMER_CREDIT, draft.account),
                drawn=money,
            )
        )
        drawn.append(_drawn(draft, money, at=at))
    return tuple(taken), tuple(drawn)


def _drawing(
    uow: UnitOfWork, draft: Invoice, history: CreditHistory, *, at: datetime
) -> Movement | None:
    """Return the movement by which a draft draws; None: nothing."""
    owes = draft.document_type is DocumentType.INVOICE and draft.total.minor > 0
    stored = uow.invoices.load_document(draft.id)
    grants = {one.key for one in history.grants if _is_deposit(one, draft)}
    if not owes or stored is None or not grants:
        return None
    needs = _needs(draft, read_basis(stored))
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


def _needs(draft: Invoice, basis: Basis) -> list[Need]:
    """
    Return what each line needs, taxes included, in all no more than the document comes to.

    Lines below nothing lower what the last ones need.
    """
    left, needs = draft.total.decimal, []
    for line in draft.lines:
        gross = sum((one.money for one in line.taxes), line.net).decimal
        amount = min(max(gross, Decimal(0)), left)
        left = EXACT.subtract(left, amount)
        needs.append(Need(amount=amount, of=draft.currency, use=_use(line, draft, basis)))
    return needs


def _use(line: Line, draft: Invoice, basis: Basis) -> Use:
    is_own = line.key.subscription == basis.subscription.key
    if line.kind is LineKind.MANUAL or draft.purpose is Purpose.ONE_OFF or not is_own:
        return Use(price=line.key.price)
    price = basis.price_of(line.key)
    return Use(
        price=line.key.price,
        plan=plan_of(basis, line.key),
        meter=None if price is None else price.meter,
    )


def _is_deposit(grant: Grant, draft: Invoice) -> bool:
    mine = grant.legal_entity in {"", draft.legal_entity}
    return mine and grant.treatment is Treatment.PAYMENT and grant.of == draft.currency


def _drawn(draft: Invoice, money: Money, *, at: datetime) -> Drawn:
    purse = Purse(account=draft.account, legal_entity=draft.legal_entity, currency=draft.currency)
    id_ = derived_id("deposit", draft.id)
    return Drawn(id=id_, document=draft.id, purse=purse, money=money, at=at)

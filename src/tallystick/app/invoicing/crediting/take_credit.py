"""Takes what documents that are issued cover by credit, and books what was paid for it."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from typing import TypeAlias

from tallystick.app.invoicing.explain_invoice import read_basis
from tallystick.app.unit_of_work import UnitOfWork
from tallystick.credits import (
    Booking,
    BookingKind,
    CreditHistory,
    Grant,
    GrantKey,
    Movement,
    MovementKind,
    by_account,
    joined,
    outgone,
    supplies_at,
)
from tallystick.invoicing import (
    Basis,
    Billed,
    Invoice,
    Purpose,
    as_billed,
    credit_movements,
    credit_of,
    knows_credit,
    line_id,
    line_of,
    lowering,
)
from tallystick.kernel import AccountKey, Done, EntryId, Money, Outcome, derived_id, refuse
from tallystick.ledger import AccountKind, Books, Entry, Posting, balanced, chart_name

Purses: TypeAlias = Mapping[AccountKey, Sequence[AccountKey]]


@dataclass(frozen=True, slots=True, kw_only=True)
class TakenCredit:
    """
    A movement of a payer's credit as a document is issued.

    Attributes:
        before: what was known of the credit before it.
        against: the chart account that earns, or gets, what was paid for the credit.
        drawn: what a document drew to be paid with; None where credit lowers a line.
    """

    account: AccountKey
    legal_entity: str
    before: CreditHistory
    movement: Movement
    against: str
    drawn: Money | None = None


def take_credit(
    uow: UnitOfWork, drafts: Sequence[Invoice], purses: Purses, *, at: datetime
) -> Outcome[tuple[TakenCredit, ...]]:
    """
    Record what documents take of credit and bring back, in their order, before they get numbers.

    Args:
        uow: open.
        drafts: that are issued.
        purses: the accounts of their payers that hold credit; they are held.
        at: the instant of issue.

    Problems:
        stale_draft: a draft covers more than is there now; draft it again.
    """
    bases = {one.id: known for one in drafts if (known := _basis(uow, one, purses)) is not None}
    grants = [grant for basis in bases.values() for grant in _grants(basis)]
    histories: dict[AccountKey, CreditHistory] = {}
    for account in sorted({one.account for one in grants}):
        uow.credits.hold(account)
        histories[account] = uow.credits.load(account)
    taken: list[TakenCredit] = []
    for place, draft in enumerate(drafts):
        if draft.id not in bases:
            continue
        basis = _refreshed(bases[draft.id], draft, histories)
        billed = _billed(uow, draft, drafts[:place])
        for movement in credit_movements(draft, basis, billed=billed):
            price = _price_of(draft, movement)
            for account, own in by_account(movement, grants).items():
                before = histories[account]
                if not _is_there(before, own):
                    message = f"credit that {draft.id} counts on was used since; draft it again"
                    return refuse("stale_draft", message, "invoice")
                uow.credits.add_movement(account, own, at=at)
                taken.append(
                    TakenCredit(
                        account=account,
                        legal_entity=draft.legal_entity,
                        before=before,
                        movement=own,
                        against=chart_name(AccountKind.REVENUE, price),
                    )
                )
                histories[account] = before.moved(own)
    return Done(tuple(taken))


def book_credit(
    uow: UnitOfWork, taken: Iterable[TakenCredit], *, books: Books, at: datetime
) -> None:
    """
    Post what was paid for credit that documents took: earned by prices, or at hand for documents.

    What a document drew beyond that was given away: it lessens revenue.
    """
    for one in taken:
        paid = _book_paid(uow, one, books=books, at=at)
        if one.drawn is not None and paid is not None and one.drawn != paid:
            uow.journal.post(_given_away(one, one.drawn - paid, books=books, at=at))


def _book_paid(uow: UnitOfWork, one: TakenCredit, *, books: Books, at: datetime) -> Money | None:
    """Post what was paid for what a movement took, and return how much that is for a draw."""
    before, after = _used(one.before, at), _used(one.before.moved(one.movement), at)
    total = None if one.drawn is None else one.drawn - one.drawn
    for key, money in after.items():
        moved = money - before[key]
        if moved.minor == 0:
            continue
        entry = _used_entry(one, key, moved, books=books, at=at)
        uow.journal.post(entry)
        uow.credits.book(
            Booking(grant=key, entry=entry.id, kind=BookingKind.USED, minor=moved.minor)
        )
        total = moved if total is None else total + moved
    return total


def _used_entry(
    one: TakenCredit, grant: GrantKey, money: Money, *, books: Books, at: datetime
) -> Entry:
    """Return the entry of what was paid for and is used: owed no more."""
    owed = chart_name(AccountKind.PREPAID_CREDIT, one.account)
    return _entry(one, f"used {grant}", (owed, money), books=books, at=at)


def _given_away(one: TakenCredit, money: Money, *, books: Books, at: datetime) -> Entry:
    """Return the entry of what a document drew and nobody had paid for."""
    less = chart_name(AccountKind.REVENUE, "promotion")
    return _entry(one, "given away", (less, money), books=books, at=at)


def _entry(
    one: TakenCredit, what: str, moved: tuple[str, Money], *, books: Books, at: datetime
) -> Entry:
    account, money = moved
    return balanced(
        Entry(
            id=EntryId(derived_id("entry", "credit", one.account, one.movement.key, what)),
            books=books.key,
            effective_at=at,
            posted_in=books.posting_month(at),
            source=one.movement.source,
            postings=(
                Posting(account=account, money=money),
                Posting(account=one.against, money=-money),
            ),
        )
    )


def _basis(uow: UnitOfWork, draft: Invoice, purses: Purses) -> Basis | None:
    """Return the basis of a draft that takes credit, or may bring it back; None: it does not."""
    lowered = any(credit_of(line.charge) for line in draft.lines)
    if not (lowered or draft.reference is not None or purses.get(draft.account)):
        return None
    stored = uow.invoices.load_document(draft.id)
    basis = None if stored is None else read_basis(stored)
    return basis if basis is not None and knows_credit(basis) else None


def _grants(basis: Basis) -> Iterator[Grant]:
    for one in basis.contracts:
        yield from () if one.credits is None else one.credits.grants


def _refreshed(
    basis: Basis, draft: Invoice, histories: Mapping[AccountKey, CreditHistory]
) -> Basis:
    """
    Return the basis with what is known of credit now, where the draft is a void.

    A void stands on the basis of its document, which knows nothing of what this took.
    """
    if draft.purpose is not Purpose.VOID:
        return basis

    def known(one: Basis) -> Basis:
        accounts = dict.fromkeys(grant.account for grant in _grants(replace(one, sections=())))
        now = (
            lowering(histories[account], draft.currency, entity=draft.legal_entity)
            for account in accounts
        )
        return replace(one, credits=joined(found for found in now if found is not None))

    if not basis.sections:
        return known(basis)
    return replace(
        basis, sections=tuple(known(one) if one.credits else one for one in basis.sections)
    )


def _billed(uow: UnitOfWork, draft: Invoice, before: Sequence[Invoice]) -> tuple[Billed, ...]:
    """Return the lines of documents before a draft, of its contracts, and of those beside it."""
    beside = [one for one in before if not set(one.contracts).isdisjoint(draft.contracts)]
    if draft.sections:
        stands = uow.shared.load_billed(draft.contracts)
    else:
        stands = uow.invoices.load_billed(draft.subscription)
    lines = (*stands, *as_billed(beside))
    return tuple(one for one in lines if one.payer == draft.account)


def _is_there(history: CreditHistory, movement: Movement) -> bool:
    """Tell whether what a movement takes is free."""
    if movement.kind is not MovementKind.BURNED:
        return history.movement(movement.of) is not None
    free = {one.lot.id: one.free for one in supplies_at(history, movement.at)}
    return all(part.amount <= free.get(part.lot, 0) for part in movement.parts)


def _price_of(draft: Invoice, movement: Movement) -> str:
    name = line_of(movement.key)
    return next(str(one.key.price) for one in draft.lines if line_id(draft.id, one.key) == name)


def _used(history: CreditHistory, at: datetime) -> Mapping[GrantKey, Money]:
    return {key: each.used for key, each in outgone(history, at).items()}

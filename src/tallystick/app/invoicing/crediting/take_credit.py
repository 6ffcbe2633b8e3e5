"""Takes what documents that are issued cover by credit, and books what was paid for it."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime

from tallystick.app.invoicing.explain_invoice import read_basis
from tallystick.app.unit_of_work import UnitOfWork
from tallystick.credits import (
    Booking,
    BookingKind,
    CreditHistory,
    GrantKey,
    Movement,
    MovementKind,
    outgone,
    supplies_at,
)
from tallystick.invoicing import Billed, Invoice, Purpose, as_billed, credit_movements, lowering
from tallystick.kernel import AccountKey, Done, EntryId, Money, Outcome, derived_id, refuse
from tallystick.ledger import AccountKind, Books, Entry, Posting, balanced, chart_name


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
    uow: UnitOfWork, drafts: Sequence[Invoice], *, at: datetime
) -> Outcome[tuple[TakenCredit, ...]]:
    """
    Record what documents take of credit and bring back, in their order, before they get numbers.

    Problems:
        stale_draft: a draft covers more than is there now; draft it again.
    """
    taken: list[TakenCredit] = []
    done: list[Invoice] = []
    holders = uow.money.with_grants(draft.account for draft in drafts)
    for draft in drafts:
        if draft.account in holders:
            uow.credits.hold(draft.account)
            history = uow.credits.load(draft.account)
            for movement in _movements(uow, draft, done, history):
                if not _is_there(history, movement):
                    message = f"credit that {draft.id} counts on was used since; draft it again"
                    return refuse("stale_draft", message, "invoice")
                uow.credits.add_movement(draft.account, movement, at=at)
                taken.append(
                    TakenCredit(
                        account=draft.account,
                        legal_entity=draft.legal_entity,
                        before=history,
                        movement=movement,
                        against=chart_name(AccountKind.REVENUE, _price_of(draft, movement)),
                    )
                )
                history = history.moved(movement)
        done.append(draft)
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


def _movements(
    uow: UnitOfWork, draft: Invoice, done: Sequence[Invoice], history: CreditHistory
) -> tuple[Movement, ...]:
    """
    Return what a draft takes and brings back, on what stands and what is issued before it.

    A void stands on the basis of its document, which knows nothing of what this took.
    """
    stored = uow.invoices.load_document(draft.id)
    if stored is None:
        return ()
    beside = [one for one in done if one.subscription == draft.subscription]
    billed: tuple[Billed, ...] = uow.invoices.load_billed(draft.subscription)
    basis = read_basis(stored)
    if draft.purpose is Purpose.VOID:
        basis = replace(basis, credits=lowering(history, draft.currency, entity=draft.legal_entity))
    return credit_movements(draft, basis, billed=(*billed, *as_billed(beside)))


def _is_there(history: CreditHistory, movement: Movement) -> bool:
    """Tell whether what a movement takes is free."""
    if movement.kind is not MovementKind.BURNED:
        return history.movement(movement.of) is not None
    free = {one.lot.id: one.free for one in supplies_at(history, movement.at)}
    return all(part.amount <= free.get(part.lot, 0) for part in movement.parts)


def _price_of(draft: Invoice, movement: Movement) -> str:
    name = movement.key.partition("/")[0]
    return next(str(line.key.price) for line in draft.lines if line.id == name)


def _used(history: CreditHistory, at: datetime) -> Mapping[GrantKey, Money]:
    return {key: each.used for key, each in outgone(history, at).items()}

"""Drafts what is due of a payer whose documents come together, or wait for the least invoice."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime

from tallystick.accounts import Account
from tallystick.app.invoicing.gathering.locking import lock_contracts
from tallystick.app.invoicing.load_basis import load_basis
from tallystick.app.invoicing.load_rates import with_rates
from tallystick.app.invoicing.measure import Books, Until, draft_each, draft_within, load_books
from tallystick.app.invoicing.ports import BillingSources
from tallystick.app.unit_of_work import UnitOfWork
from tallystick.catalog import Catalog, Subscription
from tallystick.credits import Movement
from tallystick.invoicing import (
    Basis,
    Drafted,
    Due,
    Gathered,
    GatheringFacts,
    Invoice,
    asked_at,
    basis_document,
    gather,
    issued_from,
    missing_documents,
    running_period,
    spent_by,
    with_spent,
)
from tallystick.kernel import AccountKey, Refused, SubscriptionKey


@dataclass(frozen=True, slots=True, kw_only=True)
class Together:
    """
    What is drafted for one payer.

    Attributes:
        payer: of all contracts.
        through: documents due by this instant, from usage up to the log position ``position``.
        all_held: whether a person asks for all that is due, days of grace or not, to review it.
        held: contracts of which drafts are held for a review; runs leave them there.
    """

    payer: Account
    definitions: Catalog
    through: datetime
    position: int
    all_held: bool = False
    held: frozenset[SubscriptionKey] = frozenset()

    def holds(self, legal_entity: str, contracts: Iterable[SubscriptionKey]) -> bool:
        """Tell whether a document is held for a review, and not issued by the run."""
        by_person = self.all_held or not self.held.isdisjoint(contracts)
        return by_person or holds(self.definitions, legal_entity)


@dataclass(frozen=True, slots=True, kw_only=True)
class PayerDrafts:
    """What is to be issued to a payer, by legal entity, and how many drafts are held or wait."""

    by_entity: Mapping[str, list[Invoice]] = field(default_factory=dict)
    held: int = 0
    waiting: int = 0


def holds(definitions: Catalog, legal_entity: str) -> bool:
    """Tell whether a legal entity has its documents reviewed before they are issued."""
    entity = definitions.legal_entities.get(legal_entity)
    return entity is not None and entity.issuing.hold


def draft_together(
    order: Together,
    subscriptions: Sequence[Subscription],
    *,
    uow: UnitOfWork,
    sources: BillingSources,
) -> PayerDrafts | Refused:
    """
    Draft and store what contracts of one payer lack; they stay locked until the commit.

    Drafts of the contracts that stood before are discarded; but those that are held for a review
    stand still where they are all that is due, unless a person asks.

    Problems:
        As `draft_each` and `gather`; then nothing is stored.
    """
    keys = [one.key for one in subscriptions]
    lock_contracts(uow, keys)
    now = sources.clock.now()
    contracts: list[_Contract] = []
    for subscription in subscriptions:
        found = _contract(order, subscription, uow, now=now)
        if isinstance(found, Refused):
            return found
        contracts.append(found)
    is_held = any(order.holds(one.legal_entity, [one.key]) for one in subscriptions)
    if is_held and not order.all_held and all(_are_drafted(uow, one) for one in contracts):
        return PayerDrafts()
    drafted: list[Drafted] = []
    spent: list[Movement] = []  # by the contracts before, until all are covered together
    for contract in contracts:
        made = _drafted(order, contract, spent, uow=uow, sources=sources)
        if isinstance(made, Refused):
            return made
        drafted += made
    facts = GatheringFacts(
        payer=order.payer, billed=uow.shared.load_billed(keys), through=order.through
    )
    gathered = gather(drafted, facts)
    if isinstance(gathered, Refused):
        return gathered
    for contract in contracts:
        uow.invoices.discard_drafts(contract.basis.subscription.key, payer=_paid_alone(contract))
    return _stored(gathered.value, order, uow)


def _stored(gathered: Gathered, order: Together, uow: UnitOfWork) -> PayerDrafts:
    """Store documents, and tell which of them are to be issued."""
    drafts: dict[str, list[Invoice]] = {}
    held = 0
    for one in gathered.documents:
        invoice = one.invoice
        is_held = order.holds(invoice.legal_entity, invoice.contracts)
        uow.invoices.save_drafts([invoice], basis=basis_document(one.basis), held=is_held)
        held += is_held
        if not is_held:
            drafts.setdefault(invoice.legal_entity, []).append(invoice)
    return PayerDrafts(by_entity=drafts, held=held, waiting=gathered.waiting)


@dataclass(frozen=True, slots=True, kw_only=True)
class _Contract:
    basis: Basis
    books: Books
    dues: tuple[Due, ...]


def _contract(
    order: Together, subscription: Subscription, uow: UnitOfWork, *, now: datetime
) -> "_Contract | Refused":
    """Return a contract with what stands of it, and what it lacks."""
    loaded = load_basis(uow, order.definitions, subscription, payer=order.payer.key)
    if isinstance(loaded, Refused):
        return loaded
    basis = asked_at(loaded.value, now)
    books = load_books(uow, basis)
    missing = missing_documents(basis, books.billed, through=order.through)
    return _Contract(
        basis=basis,
        books=books,
        dues=tuple(
            due for due in missing if order.all_held or issued_from(basis, due) <= order.through
        ),
    )


def _paid_alone(contract: _Contract) -> AccountKey | None:
    """Return whose drafts of a contract these are, where others have some of it; else None."""
    return contract.basis.payer if contract.basis.payers else None


def _are_drafted(uow: UnitOfWork, contract: _Contract) -> bool:
    key = contract.basis.subscription.key
    drafted = uow.invoices.drafts_of(key, payer=_paid_alone(contract))
    return {(due.period.start, due.purpose) for due in contract.dues} <= drafted


def _drafted(
    order: Together,
    contract: _Contract,
    spent: list[Movement],
    *,
    uow: UnitOfWork,
    sources: BillingSources,
) -> list[Drafted] | Refused:
    """Return what a contract lacks, each document by itself, and add what it takes of credit."""
    basis, books, now = contract.basis, contract.books, sources.clock.now()
    until = Until(through=order.through, position=order.position)
    rated = with_rates(uow, basis, [*_asked(order, contract)], billed=books.billed, now=now)
    knowing = with_spent(rated, spent)
    drafts = draft_each(knowing, books, sources, dues=contract.dues, position=order.position)
    drafts = draft_within(drafts, knowing, books, sources, until)
    if isinstance(drafts, Refused):
        return drafts
    spent += spent_by(drafts.value, knowing, billed=books.billed)
    return [Drafted(invoice=one, basis=rated) for one in drafts.value]


def _asked(order: Together, contract: _Contract) -> Iterator[Due]:
    yield from contract.dues
    within = running_period(contract.basis, order.through)
    if within is not None:
        yield within

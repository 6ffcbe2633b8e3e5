"""Drafts what contracts are due in a run, from facts that were read for one of them or for many."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from collections.abc import Set as AbstractSet
from dataclasses import dataclass, field, replace

from tallystick.app.accounts import accounts_of_payers
from tallystick.app.invoicing.ahead import UsageAhead
from tallystick.app.invoicing.crediting import save_drafted
from tallystick.app.invoicing.gathering import PayerDrafts, Together, draft_together, holds
from tallystick.app.invoicing.load_basis import load_basis
from tallystick.app.invoicing.load_rates import with_rates
from tallystick.app.invoicing.measure import (
    Books,
    DraftOrder,
    Until,
    draft_each,
    draft_within,
    load_books,
    questions_of,
)
from tallystick.app.invoicing.running.run import Run
from tallystick.app.unit_of_work import UnitOfWork
from tallystick.catalog import Subscription
from tallystick.credits import Movement
from tallystick.invoicing import (
    Basis,
    Due,
    Invoice,
    as_agreed_for,
    asked_at,
    issued_from,
    missing_documents,
    running_period,
    with_spent,
)
from tallystick.kernel import AccountKey, Done, EngineUnavailable, Outcome, Refused, SubscriptionKey
from tallystick.metering import UsageQuery


@dataclass(frozen=True, slots=True, kw_only=True)
class Prepared:
    """A contract with what stands for it, and what it is due."""

    basis: Basis
    books: Books
    dues: tuple[Due, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Drafting:
    """
    Drafting within a unit of work.

    Attributes:
        run: with the reader of usage to ask.
        prepared: contracts that were looked at before; others are when it is their turn.
    """

    run: Run
    uow: UnitOfWork
    prepared: Mapping[SubscriptionKey, Outcome[Prepared]] = field(default_factory=dict)

    def draft_payer(
        self, payer: AccountKey, subscriptions: Iterable[Subscription]
    ) -> Outcome[PayerDrafts]:
        """
        Draft all that a payer's contracts are due, and store it.

        Problems:
            Those of loading the contracts, and of `draft_invoice`; nothing may be issued then.
        """
        drafts: dict[str, list[Invoice]] = {}
        held = 0
        spent: list[Movement] = []  # by the contracts of the payer before
        for subscription in subscriptions:
            hold = self.run.command.hold or subscription.key in self.run.held
            hold = hold or holds(self.run.definitions, subscription.legal_entity)
            paid = self.prepared.get(subscription.key)
            paid = paid or prepare(self.run, self.uow, subscription, payer)
            if isinstance(paid, Refused):
                return paid
            made = self._draft(paid.value, spent, hold=hold)
            if isinstance(made, Refused):
                return made
            if hold:
                held += len(made.value)
            else:
                drafts.setdefault(subscription.legal_entity, []).extend(made.value)
        return Done(PayerDrafts(by_entity=drafts, held=held))

    def _draft(
        self, prepared: Prepared, spent: list[Movement], *, hold: bool
    ) -> Outcome[tuple[Invoice, ...]]:
        """
        Draft and store what a subscription lacks; it stays locked until the commit.

        Nothing is drafted anew while all that is due is in review, unless the run says so: what is
        reviewed stands still.
        """
        run, uow = self.run, self.uow
        now = run.sources.clock.now()
        basis = asked_at(with_spent(prepared.basis, spent), now)
        contract, payer = basis.subscription.key, basis.payer if basis.payers else None
        books, dues = prepared.books, prepared.dues
        asks = hold and not run.command.hold
        drafted = uow.invoices.drafts_of(contract, payer=payer) if asks else None
        if drafted and {(due.period.start, due.purpose) for due in dues} <= drafted:
            return Done(())
        until = Until(through=run.through, position=run.position)
        within = running_period(basis, run.through)
        asked = dues if within is None else (*dues, within)
        if not asked:
            return Done(())
        agreed = as_agreed_for(basis, dues, books.billed)
        rated = with_rates(uow, agreed, asked, billed=books.billed, now=now)
        drafts = draft_each(rated, books, run.sources, dues=dues, position=run.position)
        drafts = draft_within(drafts, rated, books, run.sources, until)
        if isinstance(drafts, Done) and drafts.value:
            uow.invoices.discard_drafts(contract, payer=payer)
            spent += save_drafted(uow, drafts.value, rated, billed=books.billed, held=hold)
        return drafts


def draft_gathering(
    run: Run, uow: UnitOfWork, payer: AccountKey, keys: Sequence[SubscriptionKey]
) -> PayerDrafts | Refused | None:
    """
    Draft for a payer whose documents come together, or wait; None: its documents do neither.

    Problems:
        As `draft_together`.
    """
    found = uow.subscriptions.load_many(keys)
    contracts = [found[key] for key in keys if key in found]
    gathers = run.gathering.find(payer, contracts, uow)
    if gathers is None:
        return None
    order = Together(
        payer=gathers,
        definitions=run.definitions,
        through=run.through,
        position=run.position,
        all_held=run.command.hold,
        held=run.held,
    )
    return draft_together(order, contracts, uow=uow, sources=run.sources)


def prepare(
    run: Run,
    uow: UnitOfWork,
    subscription: Subscription,
    payer: AccountKey,
    *,
    granted: AbstractSet[AccountKey] | None = None,
) -> Outcome[Prepared]:
    """
    Look at a contract: it is locked until the commit.

    Args:
        run: says what is known, and through when.
        uow: open.
        subscription: the contract.
        payer: for whom.
        granted: as for `load_basis`.

    Problems:
        Those of `load_basis`.
    """
    uow.invoices.lock(subscription.key)
    basis = load_basis(uow, run.definitions, subscription, payer=payer, granted=granted)
    if isinstance(basis, Refused):
        return basis
    books = load_books(uow, basis.value)
    dues = tuple(
        due
        for due in missing_documents(basis.value, books.billed, through=run.through)
        if run.command.hold or issued_from(basis.value, due) <= run.through
    )
    return Done(Prepared(basis=basis.value, books=books, dues=dues))


def prepare_all(
    run: Run, uow: UnitOfWork, contracts: Iterable[tuple[Subscription, AccountKey]]
) -> Drafting:
    """
    Look at many contracts, and read the usage that they will ask for at once; one alone just asks.

    Nothing is decided here: a contract that is drafted asks again for what it needs, and what was
    not read ahead is read then.
    """
    contracts = tuple(contracts)
    granted = _granted(uow, contracts)
    prepared: dict[SubscriptionKey, Outcome[Prepared]] = {}
    queries: list[UsageQuery] = []
    for subscription, payer in contracts:
        try:
            found = prepare(run, uow, subscription, payer, granted=granted)
            prepared[subscription.key] = found
            if isinstance(found, Done):
                queries += _queries(run, found.value)
        except EngineUnavailable:
            raise
        except Exception:  # noqa: BLE001 - drafting meets it again, and tells whose it is
            prepared.pop(subscription.key, None)
    ahead = UsageAhead(run.sources.usage)
    if len(prepared) > 1:
        ahead.fill(queries)
    reading = replace(run, sources=replace(run.sources, usage=ahead))
    return Drafting(run=reading, uow=uow, prepared=prepared)


def _granted(
    uow: UnitOfWork, contracts: Iterable[tuple[Subscription, AccountKey]]
) -> AbstractSet[AccountKey]:
    """Return which of the accounts whose credit contracts may use were ever given any."""
    accounts: set[AccountKey] = set()
    for contract, payer in contracts:
        subscriber = uow.accounts.load_account(contract.account)
        accounts |= {payer, *(accounts_of_payers(uow, subscriber) if subscriber else ())}
    return uow.money.with_grants(accounts)


def _queries(run: Run, prepared: Prepared) -> Iterator[UsageQuery]:
    for due in prepared.dues:
        order = DraftOrder(
            basis=prepared.basis,
            due=due,
            billed=prepared.books.billed,
            position=run.position,
            reaches=prepared.books.reaches,
            kept=prepared.books.kept,
            elsewhere=prepared.books.elsewhere,
        )
        for question in questions_of(order)[1]:
            yield question.query

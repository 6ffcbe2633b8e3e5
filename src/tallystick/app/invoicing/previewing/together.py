"""
The documents of a payer whose contracts are billed together, as the run will gather them.

    web and mail of corp, on January 20     one document of two sections, taxed as a whole
    beside them January of last year's      carried on it, where it waited for the least invoice

Each contract's running period is drafted as for itself, what waits of it before that too; then they
come together by the same rule as in a run. What is due already and would not wait is left out: it
is of periods that are over.
"""

from collections.abc import Iterator
from dataclasses import dataclass, replace
from datetime import datetime

from tallystick.accounts import Account
from tallystick.app.invoicing.load_basis import load_basis
from tallystick.app.invoicing.load_rates import with_rates
from tallystick.app.invoicing.measure import Books, draft_each, load_books
from tallystick.app.invoicing.paying import contracts_paid
from tallystick.app.invoicing.ports import BillingSources
from tallystick.app.invoicing.previewing.running import Look, draft_running, running_due
from tallystick.app.unit_of_work import UnitOfWork
from tallystick.catalog import Catalog
from tallystick.credits import Movement
from tallystick.invoicing import (
    Basis,
    Billed,
    Drafted,
    Due,
    GatheringFacts,
    Invoice,
    as_billed,
    asked_at,
    gather,
    missing_documents,
    spent_by,
    with_spent,
)
from tallystick.kernel import Done, Outcome, Refused, SubscriptionKey, refuse

CONTRACTS_MAX = 1_000


@dataclass(frozen=True, slots=True, kw_only=True)
class _Contract:
    """A contract, what stands of it, what waits or is due of it, and its running period."""

    basis: Basis
    books: Books
    before: tuple[Due, ...]
    running: Due | None


@dataclass(frozen=True, slots=True, kw_only=True)
class PayerLook:
    """A payer with all contracts that it pays for; ``billed``: as `GatheringFacts` has it."""

    payer: Account
    contracts: tuple[_Contract, ...]
    billed: tuple[Billed, ...]


def comes_together(account: Account, definitions: Catalog) -> bool:
    """Tell whether an account is a payer whose documents come together, or may wait."""
    declares = bool(account.consolidated) or account.least_invoice is not None
    return account.invoiced and (declares or _some_wait(definitions))


def load_payer(
    payer: Account, definitions: Catalog, uow: UnitOfWork, *, now: datetime, at: datetime
) -> Outcome[PayerLook]:
    """
    Return a payer with what a preview of its documents rests on, in a unit of work that is open.

    Problems:
        too_many_contracts: it pays for more than 1,000.
        Those of loading the contracts.
    """
    keys = contracts_paid(uow, through=at).by_payer.get(payer.key, ())
    if len(keys) > CONTRACTS_MAX:
        message = f"{payer.key} pays for {len(keys)} contracts; a preview shows {CONTRACTS_MAX}"
        return refuse("too_many_contracts", message, "account")
    found = uow.subscriptions.load_many(keys)
    waits = payer.least_invoice is not None or _some_wait(definitions)
    contracts = []
    for key in keys:
        facts = load_basis(uow, definitions, found[key], payer=payer.key)
        if isinstance(facts, Refused):
            return facts
        contract = _contract(facts.value, uow, at=at, waits=waits)
        rated = with_rates(
            uow,
            contract.basis,
            _asked(contract),
            billed=contract.books.billed,
            now=now,
        )
        contracts.append(replace(contract, basis=rated))
    return Done(
        PayerLook(
            payer=payer, contracts=tuple(contracts), billed=uow.shared.load_billed(tuple(keys))
        )
    )


def draft_gathered(
    payer: PayerLook, look: Look, *, sources: BillingSources
) -> Outcome[tuple[tuple[Drafted, bool], ...]]:
    """
    Return the documents in which running periods will stand, each with whether it will wait.

    Problems:
        As `draft_due` and `gather`.
    """
    drafted: list[Drafted] = []
    spent: list[Movement] = []  # by the contracts before, until all are covered together
    running: set[tuple[SubscriptionKey, datetime]] = set()
    for contract in payer.contracts:
        made = _drafted(contract, look, spent, sources=sources)
        if isinstance(made, Refused):
            return made
        drafted += [Drafted(invoice=one, basis=contract.basis) for one in made.value]
        if contract.running is not None:
            running.add((contract.basis.subscription.key, contract.running.period.start))
    ends = [one.running.at for one in payer.contracts if one.running is not None]
    facts = GatheringFacts(
        payer=payer.payer, billed=payer.billed, through=max(ends, default=look.at)
    )
    gathered = gather(drafted, facts)
    if isinstance(gathered, Refused):
        return gathered
    both = [(one, False) for one in gathered.value.documents]
    both += [(one, True) for one in gathered.value.too_little]
    return Done(tuple((one, waits) for one, waits in both if _holds(one.invoice, running)))


def _contract(loaded: Basis, uow: UnitOfWork, *, at: datetime, waits: bool) -> _Contract:
    running = running_due(loaded, at)
    basis = asked_at(loaded, at if running is None else running.at)
    books = load_books(uow, basis)
    return _Contract(
        basis=basis,
        books=books,
        before=tuple(missing_documents(basis, books.billed, through=at)) if waits else (),
        running=running,
    )


def _drafted(
    contract: _Contract, look: Look, spent: list[Movement], *, sources: BillingSources
) -> Outcome[tuple[Invoice, ...]]:
    """Return what waits or is due of a contract, then its running period; note what credit pays."""
    basis, books = with_spent(contract.basis, spent), contract.books
    before = draft_each(basis, books, sources, dues=contract.before, position=look.position)
    if isinstance(before, Refused):
        return before
    drafts = before.value
    if contract.running is not None:
        known = replace(books, billed=(*books.billed, *as_billed(drafts)))
        knowing = with_spent(basis, spent_by(drafts, basis, billed=books.billed))
        outcome = draft_running(knowing, contract.running, known, look, sources=sources)
        if isinstance(outcome, Refused):
            return outcome
        drafts = drafts if outcome.value is None else (*drafts, outcome.value)
    spent += spent_by(drafts, basis, billed=books.billed)
    return Done(drafts)


def _asked(contract: _Contract) -> Iterator[Due]:
    yield from contract.before
    if contract.running is not None:
        yield contract.running


def _holds(invoice: Invoice, running: set[tuple[SubscriptionKey, datetime]]) -> bool:
    """Tell whether the draft of a running period is on a document."""
    parts = [(one.subscription, one.period.start) for one in invoice.sections]
    own = [(invoice.subscription, invoice.period.start)]
    return not running.isdisjoint(parts or own)


def _some_wait(definitions: Catalog) -> bool:
    return any(one.issuing.least_invoice for one in definitions.legal_entities.values())

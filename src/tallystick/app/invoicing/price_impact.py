"""
What a price edit would change, before it is made: which contracts, and what money.

A published plan version never changes, so an edit is a new version, and nobody moves to it by
itself.  What is told here is what would come of it: the contracts that stand on the versions
before, and what the last whole period of each would have come to at the new prices, measured as it
was used.

    pro version 2    12 contracts of 10 accounts    1,200.00 -> 1,320.00 EUR

Compared is the document of a period, net, without corrections of other periods: usage in arrears
and the fees in advance of the next one.  Prices that a contract has of its own stay.  A contract
that cannot be compared (other currency, no period that has begun, a price that cannot be rated) is
counted and not compared.
"""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, replace
from datetime import datetime

from tallystick.app.catalog import load_catalog
from tallystick.app.command import Caller, missing_scope
from tallystick.app.invoicing.load_basis import load_basis
from tallystick.app.invoicing.measure import DraftOrder, Kept, draft_due, load_kept
from tallystick.app.invoicing.ports import BillingSources
from tallystick.app.keys import Scope
from tallystick.app.unit_of_work import UnitOfWork
from tallystick.catalog import Action, Catalog, Documents, PlanVersion, plan_catalog
from tallystick.invoicing import Basis, Due, Purpose
from tallystick.kernel import AccountKey, Done, Money, Outcome, PlanKey, Refused, SubscriptionKey
from tallystick.metering import with_named_meters

COMPARED_MAX = 1000
GREATEST_MAX = 20
_PAGE = 500


@dataclass(frozen=True, slots=True, kw_only=True)
class ContractImpact:
    """What the last whole period of a contract came to, and what it would come to."""

    subscription: SubscriptionKey
    account: AccountKey
    before: Money
    after: Money

    @property
    def difference(self) -> int:
        """Return by how many minor units it would be more."""
        return self.after.minor - self.before.minor


@dataclass(frozen=True, slots=True, kw_only=True)
class PriceImpact:
    """
    What a new version of a plan would change.

    Attributes:
        contracts: how many stand on versions before it.
        accounts: how many accounts have them.
        compared: of how many contracts the money was compared; at most 1,000.
        before: what their last whole periods came to together; None where none was compared.
        after: what these would come to.
        greatest: the contracts whose money differs most, the greatest difference first.
    """

    plan: PlanKey
    version: int
    contracts: int
    accounts: int
    compared: int
    before: Money | None
    after: Money | None
    greatest: tuple[ContractImpact, ...]


def impact_of_prices(
    documents: Documents, *, caller: Caller, uow: UnitOfWork, sources: BillingSources
) -> Outcome[tuple[PriceImpact, ...]]:
    """
    Return what each new plan version in documents would change; nothing is stored.

    Problems:
        forbidden: the caller does not hold the scope ``admin``.
        Those of `plan_catalog`.
    """
    unpermitted = missing_scope(caller, Scope.ADMIN)
    if unpermitted is not None:
        return Refused((unpermitted,))
    now = sources.clock.now()
    with uow:
        stored = load_catalog(uow)
        outcome = plan_catalog(documents, stored=stored, at=now)
        if isinstance(outcome, Refused):
            return outcome
        wanted = outcome.value.stores
        edits = [
            wanted.plan_versions[PlanKey(change.key), change.version]
            for change in outcome.value.changes
            if change.of == "plans" and change.action is Action.CREATED and change.version
        ]
        known = {key for key, _ in stored.plan_versions}
        found = [
            (edit, list(_standing(uow, stored, edit, now=now)))
            for edit in edits
            if edit.plan in known
        ]
    meters = {**stored.meters, **wanted.meters}
    known_units = stored.units | wanted.units
    full = replace(wanted, meters=meters, units=known_units)
    return Done(tuple(_impact(edit, of, full, sources) for edit, of in found))


@dataclass(frozen=True, slots=True, kw_only=True)
class _Standing:
    """A contract on an earlier version, with what is needed to price it; None where it cannot."""

    subscription: SubscriptionKey
    account: AccountKey
    basis: Basis | None
    kept: Kept


def _standing(
    uow: UnitOfWork, stored: Catalog, edit: PlanVersion, *, now: datetime
) -> Iterator[_Standing]:
    after = ""
    while page := uow.subscriptions.list_subscriptions(after=after, limit=_PAGE):
        after = page[-1].key
        for contract in page:
            if contract.end is not None and contract.end <= now:
                continue
            outcome = load_basis(uow, stored, contract)
            basis = outcome.value if isinstance(outcome, Done) else None
            plan = contract.plan if basis is None else basis.terms_at(now).plan.plan
            if plan == edit.plan:
                yield _Standing(
                    subscription=contract.key,
                    account=contract.account,
                    basis=basis,
                    kept=load_kept(uow, contract.key),
                )


def _impact(
    edit: PlanVersion, standing: list[_Standing], wanted: Catalog, sources: BillingSources
) -> PriceImpact:
    compared = [
        one
        for each in standing[:COMPARED_MAX]
        if (one := _compared(each, edit, wanted, sources)) is not None
    ]
    greatest = sorted(compared, key=lambda one: (-abs(one.difference), one.subscription))
    return PriceImpact(
        plan=edit.plan,
        version=edit.version,
        contracts=len(standing),
        accounts=len({each.account for each in standing}),
        compared=len(compared),
        before=_total(one.before for one in compared),
        after=_total(one.after for one in compared),
        greatest=tuple(one for one in greatest if one.difference)[:GREATEST_MAX],
    )


def _compared(
    standing: _Standing, edit: PlanVersion, wanted: Catalog, sources: BillingSources
) -> ContractImpact | None:
    basis = standing.basis
    if basis is None or edit.currency != basis.plan.currency:
        return None
    due = _last_period(basis, sources.clock.now())
    if due is None:
        return None
    sums = [
        _net(one, due, standing.kept, sources)
        for one in (basis, _with_prices_of(edit, basis, wanted))
    ]
    before, after = sums
    if before is None or after is None:
        return None
    return ContractImpact(
        subscription=standing.subscription, account=standing.account, before=before, after=after
    )


def _last_period(basis: Basis, now: datetime) -> Due | None:
    """Return the last period that is over, or the first one so far; None before the contract."""
    begun = basis.billing_periods(through=now)
    over = [one.span for one in begun if one.span.end <= now] or [one.span for one in begun[:1]]
    if not over:
        return None
    return Due(period=over[-1], purpose=Purpose.PERIOD, at=over[-1].end)


def _with_prices_of(edit: PlanVersion, basis: Basis, wanted: Catalog) -> Basis:
    """Return a contract at the prices of an edit in place of those of its plan's versions."""
    plan, *later = (
        replace(one, prices=edit.prices) if one.plan == edit.plan else one for one in basis.plans
    )
    known = {meter.key: meter for meter in basis.meters}
    named = (price.meter for price in edit.prices if price.meter is not None)
    needed = with_named_meters(wanted.meters[key] for key in named if key not in known)
    known |= {meter.key: meter for meter in needed if meter.key not in known}
    return replace(
        basis,
        plan=plan,
        later_plans=tuple(later),
        meters=tuple(known[key] for key in sorted(known)),
        units=basis.units | wanted.units,
    )


def _net(basis: Basis, due: Due, kept: Kept, sources: BillingSources) -> Money | None:
    """Return what a period's document comes to without taxes; None where it cannot be drafted."""
    at = min(due.at, sources.clock.now())
    position = sources.usage.covered_position()
    order = DraftOrder(basis=basis, due=due, billed=(), position=position, kept=kept, preview_at=at)
    outcome = draft_due(order, sources)
    if isinstance(outcome, Refused):
        return None
    invoice = outcome.value.invoice
    return Money(minor=0, currency=basis.currency) if invoice is None else invoice.net


def _total(sums: Iterable[Money]) -> Money | None:
    found = list(sums)
    return sum(found[1:], found[0]) if found else None

"""Loads which other contracts of a payer fill the same tiers as one."""

from collections.abc import Mapping, Sequence
from collections.abc import Set as AbstractSet
from dataclasses import replace
from datetime import datetime

from tallystick.accounts import spans_of
from tallystick.app.invoicing.paying import load_paying, paid_times
from tallystick.app.unit_of_work import UnitOfWork
from tallystick.catalog import Catalog, PlanVersion, Subscription
from tallystick.invoicing import Basis, TreeMember, member_of, sold_as
from tallystick.kernel import AccountKey, Done, Outcome, SubscriptionKey, refuse
from tallystick.subscriptions import named_plans

CONTRACTS_MAX = 1_000


def with_tree(uow: UnitOfWork, definitions: Catalog, basis: Basis) -> Outcome[Basis]:
    """
    Return a contract with those that fill its tiers together with it; most fill their own alone.

    Args:
        uow: to load contracts and ownerships from.
        definitions: the catalog's definitions.
        basis: the contract.

    Problems:
        unknown_plan: the catalog does not hold a plan version that one of them names.
        too_many_contracts: more than a thousand contracts of the payer would fill the same tiers.
    """
    shared = {sold for price in basis.prices if (sold := sold_as(price)) is not None}
    if not shared:
        return Done(basis)
    contracts, dated = _contracts(uow, basis.payer)
    if len(contracts) > CONTRACTS_MAX:
        message = f"more than {CONTRACTS_MAX} contracts of {basis.payer} would fill the same tiers"
        return refuse("too_many_contracts", message, "account")
    others = [one for key, one in contracts.items() if key != basis.subscription.key]
    accounts = {one.account for one in others}
    ownerships = uow.accounts.load_ownerships(*accounts) if accounts else ()
    found: list[TreeMember] = []
    for contract in others:
        plans = [definitions.plan_versions.get(named) for named in named_plans(contract)]
        known = [plan for plan in plans if plan is not None]
        if len(known) < len(plans):
            message = f"the catalog does not hold a plan version that {contract.key} names"
            return refuse("unknown_plan", message, "plan")
        spans = spans_of(contract.account, accounts, ownerships)
        paid = {} if contract.key not in dated else {"paid": _paid(uow, contract, known, basis)}
        members = (member_of(contract, known, sold, spans=spans, **paid) for sold in shared)
        found += [member for member in members if member is not None]
    order = sorted(found, key=lambda one: (one.account, one.subscription, one.sold.price))
    return Done(replace(basis, tree=tuple(order)))


def _contracts(
    uow: UnitOfWork, payer: AccountKey
) -> tuple[Mapping[SubscriptionKey, Subscription], AbstractSet[SubscriptionKey]]:
    """Return the contracts that a payer may pay for, and those whose payer was declared to move."""
    contracts = uow.subscriptions.load_of_payer(payer)
    moving = uow.payers.moving()
    dated = {key for key, _, _ in uow.payers.begun_below(moving)} if moving else set()
    return {**contracts, **(uow.subscriptions.load_many(dated) if dated else {})}, dated


def _paid(
    uow: UnitOfWork, contract: Subscription, plans: Sequence[PlanVersion], basis: Basis
) -> tuple[tuple[datetime, datetime | None], ...]:
    """Return when the payer of a basis pays for another contract."""
    subscriber = uow.accounts.load_account(contract.account)
    paying = None if subscriber is None else load_paying(uow, subscriber, payer=basis.payer)
    return () if paying is None else paid_times(paying, contract, plans)

"""Loads which other contracts of a payer fill the same tiers as one."""

from dataclasses import replace

from tallystick.accounts import spans_of
from tallystick.app.unit_of_work import UnitOfWork
from tallystick.catalog import Catalog
from tallystick.invoicing import Basis, TreeMember, member_of, sold_as
from tallystick.kernel import Done, Outcome, refuse
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
    contracts = uow.subscriptions.load_of_payer(basis.payer)
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
        members = (member_of(contract, known, sold, spans=spans) for sold in shared)
        found += [member for member in members if member is not None]
    order = sorted(found, key=lambda one: (one.account, one.subscription, one.sold.price))
    return Done(replace(basis, tree=tuple(order)))

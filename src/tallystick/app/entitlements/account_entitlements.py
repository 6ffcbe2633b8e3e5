"""Reads what accounts may use, in a few questions; decision makers ask it on every miss."""

from collections import defaultdict
from collections.abc import Iterable, Mapping
from datetime import datetime
from typing import TypeVar

from tallystick.accounts import Account, is_invoiced_at, parent_at
from tallystick.app.command import Caller, missing_scope
from tallystick.app.unit_of_work import UnitOfWork
from tallystick.entitlements import (
    AccountEntitled,
    AccountFacts,
    ManualGrant,
    Restriction,
    Standing,
    entitled_at,
)
from tallystick.kernel import AccountKey, Done, Outcome, PlanKey, Refused, refuse
from tallystick.subscriptions import Subscription, named_plans

Fact = TypeVar("Fact", Subscription, ManualGrant, Restriction)


def account_entitlements(
    account_id: AccountKey, *, at: datetime, uow: UnitOfWork
) -> tuple[AccountEntitled, ...]:
    """
    Return what an account may use of each feature at an instant; call it inside of a unit of work.

    An account that is not known may use nothing.  Six questions to the store, whatever the number
    of accounts and plans.
    """
    facts = load_account_facts(account_id, at=at, uow=uow)
    return () if facts is None else entitled_at(facts, at)


def entitlements_of(
    accounts: Iterable[AccountKey], *, at: datetime, uow: UnitOfWork
) -> dict[AccountKey, tuple[AccountEntitled, ...]]:
    """
    Return what each of some accounts that are known may use at an instant.

    Six questions to the store, as for one account.
    """
    found = load_facts(accounts, at=at, uow=uow)
    return {account: entitled_at(facts, at) for account, facts in found.items()}


def read_account_entitlements(
    account_id: AccountKey, *, at: datetime, caller: Caller, uow: UnitOfWork
) -> Outcome[tuple[AccountFacts, tuple[AccountEntitled, ...]]]:
    """
    Return what an account may use at an instant, and the facts from which it follows.

    Problems:
        forbidden: the caller lacks the scope ``read``.
        not_found: no such account, or not the caller's.
    """
    unpermitted = missing_scope(caller, "read")
    if unpermitted is not None:
        return Refused((unpermitted,))
    facts = None
    if caller.account in (None, account_id):
        with uow:
            facts = load_account_facts(account_id, at=at, uow=uow)
    if facts is None:
        return refuse("not_found", f"no account {account_id!r}")
    return Done((facts, entitled_at(facts, at)))


def load_account_facts(
    account_id: AccountKey, *, at: datetime, uow: UnitOfWork
) -> AccountFacts | None:
    """Return all that decides what an account may use; None: it is not known."""
    return load_facts([account_id], at=at, uow=uow).get(account_id)


def load_facts(
    accounts: Iterable[AccountKey], *, at: datetime, uow: UnitOfWork
) -> dict[AccountKey, AccountFacts]:
    """
    Return all that decides what accounts may use, of those that are known.

    It stands until somebody on the way to the payer moves; see `next_change`.
    """
    lines = _lines_to_payers(accounts, at, uow)
    keys = sorted({account.key for line in lines.values() for account in line})
    if not keys:
        return {}
    contracts = _by_account(uow.standings.load_contracts(keys))
    grants = _by_account(uow.entitlements.load_grants(keys))
    restrictions = _by_account(uow.entitlements.load_restrictions(keys))
    agreed = [contract for each in contracts.values() for contract in each]
    loaded = uow.standings.load_granting(named for one in agreed for named in named_plans(one))
    plans = {(plan.plan, plan.version): plan for plan in loaded}
    features = {one.feature for plan in loaded for one in plan.entitlements}
    features |= {granted for contract in agreed for granted in _own(contract)}
    features |= {one.grant.feature for each in grants.values() for one in each}
    known = uow.standings.load_features(features)
    standings = {
        standing.account.key: standing
        for standing in (
            Standing(
                account=account,
                contracts=contracts.get(account.key, ()),
                grants=grants.get(account.key, ()),
                restrictions=restrictions.get(account.key, ()),
            )
            for account in {one.key: one for line in lines.values() for one in line}.values()
        )
    }
    found = {}
    for account, line in lines.items():
        of_line = tuple(standings[one.key] for one in line)
        named = {each for one in of_line for each in _named(one)}
        versions = tuple(plans[each] for each in sorted(named) if each in plans)
        found[account] = AccountFacts(line=of_line, plans=versions, features=known)
    return found


def _by_account(facts: Iterable[Fact]) -> Mapping[AccountKey, tuple[Fact, ...]]:
    """Return facts by the account that has them, each account's in their order."""
    found: dict[AccountKey, list[Fact]] = defaultdict(list)
    for one in facts:
        found[one.account].append(one)
    return {account: tuple(each) for account, each in found.items()}


def _lines_to_payers(
    accounts: Iterable[AccountKey], at: datetime, uow: UnitOfWork
) -> dict[AccountKey, tuple[Account, ...]]:
    """Return accounts with those above up to the one that pays, as they stand at an instant."""
    declared = uow.standings.load_lines(accounts)
    known: dict[AccountKey, Account | None] = {
        account.key: account for line in declared.values() for account in line
    }
    found = {}
    for start in declared:
        line: list[Account] = []
        above = known[start]
        while above is not None and above not in line:
            line.append(above)
            key = None if is_invoiced_at(above, at) else parent_at(above, at)
            if key is not None and key not in known:
                known[key] = uow.accounts.load_account(key)
            above = None if key is None else known[key]
        found[start] = tuple(line)
    return found


def _named(standing: Standing) -> set[tuple[PlanKey, int]]:
    """Return the plan versions that the contracts of an account name."""
    return {each for contract in standing.contracts for each in named_plans(contract)}


def _own(contract: Subscription) -> set[str]:
    """Return the features that a contract grants itself, now or ever."""
    return {one.feature for agreed in contract.agreed for one in agreed.entitlements}

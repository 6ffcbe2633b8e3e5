"""Reads what an account may use, in a few questions; decision makers ask it on every miss."""

from datetime import datetime

from tallystick.accounts import Account, is_invoiced_at, parent_at
from tallystick.app.command import Caller, missing_scope
from tallystick.app.unit_of_work import UnitOfWork
from tallystick.entitlements import (
    AccountEntitled,
    AccountFacts,
    Standing,
    entitled_at,
)
from tallystick.kernel import AccountKey, Done, Outcome, Refused, refuse
from tallystick.subscriptions import Subscription, named_plans


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
    """
    Return all that decides what an account may use; None: it is not known.

    It stands until somebody on the way to the payer moves; see `next_change`.
    """
    line = _to_payer(uow.standings.load_line(account_id), at, uow)
    if not line:
        return None
    keys = [account.key for account in line]
    contracts = uow.standings.load_contracts(keys)
    grants = uow.entitlements.load_grants(keys)
    restrictions = uow.entitlements.load_restrictions(keys)
    plans = uow.standings.load_granting(
        version for contract in contracts for version in named_plans(contract)
    )
    named = {one.feature for plan in plans for one in plan.entitlements}
    named |= {granted for contract in contracts for granted in _own(contract)}
    named |= {one.grant.feature for one in grants}
    return AccountFacts(
        line=tuple(
            Standing(
                account=account,
                contracts=tuple(one for one in contracts if one.account == account.key),
                grants=tuple(one for one in grants if one.account == account.key),
                restrictions=tuple(one for one in restrictions if one.account == account.key),
            )
            for account in line
        ),
        plans=plans,
        features=uow.standings.load_features(named),
    )


def _to_payer(declared: tuple[Account, ...], at: datetime, uow: UnitOfWork) -> tuple[Account, ...]:
    """Return an account and those above it up to the one that pays, as they stand at an instant."""
    known = {account.key: account for account in declared}
    line: list[Account] = []
    above = declared[0] if declared else None
    while above is not None and above not in line:
        line.append(above)
        key = None if is_invoiced_at(above, at) else parent_at(above, at)
        above = None if key is None else known.get(key) or uow.accounts.load_account(key)
    return tuple(line)


def _own(contract: Subscription) -> set[str]:
    """Return the features that a contract grants itself, now or ever."""
    return {one.feature for agreed in contract.agreed for one in agreed.entitlements}

"""
Whether somebody pays for each contract at each time, in its currency, and no account above itself.

It is asked of everything that is declared and stored together, for a move of one account may leave
contracts of others without a payer.
"""

from collections.abc import Hashable, Iterator, Mapping, Sequence
from datetime import datetime
from itertools import zip_longest

from tallystick.accounts import (
    DEPTH_MAX,
    Account,
    PaidBy,
    accounts_above,
    parent_at,
    payers_of,
)
from tallystick.catalog.catalog import Catalog
from tallystick.catalog.documents import joined
from tallystick.catalog.fields import suggestion
from tallystick.catalog.plan import PlanVersion
from tallystick.catalog.subscription import Subscription
from tallystick.kernel import AccountKey, PlanKey, Problem, instant_text

Accounts = Mapping[AccountKey, Account]
Paths = Mapping[tuple[str, Hashable], str]


def payer_problems(wanted: Catalog, stored: Catalog, *, paths: Paths) -> tuple[Problem, ...]:
    """
    Return a problem for each move that cannot be, and for each contract that nobody would pay for.

    Problems:
        unknown_reference: a move names an account that is not known.
        wrong_value: an account would stand above itself, or too deep; a contract would have no
            payer, or one of another currency than it is billed in.
    """
    accounts = {**stored.accounts, **wanted.accounts}
    if not any(one.payer_changes for one in accounts.values()):
        return ()
    unknown = tuple(_unknown(wanted, accounts, paths))
    circles = () if unknown else tuple(_circles(accounts, paths))
    if unknown or circles:
        return (*unknown, *circles)
    plans = {**stored.plan_versions, **wanted.plan_versions}
    contracts = {**stored.subscriptions, **wanted.subscriptions}
    return tuple(
        problem
        for contract in contracts.values()
        for problem in _unpaid(contract, accounts, plans, paths)
    )


def _unknown(wanted: Catalog, accounts: Accounts, paths: Paths) -> Iterator[Problem]:
    for key, account in wanted.accounts.items():
        for index, change in enumerate(account.payer_changes):
            if change.parent is not None and change.parent not in accounts:
                message = f'unknown account "{change.parent}"{suggestion(change.parent, accounts)}'
                field = joined(paths["accounts", key], f"payer_changes[{index}].parent")
                yield Problem(code="unknown_reference", message=message, field=field)


def _circles(accounts: Accounts, paths: Paths) -> Iterator[Problem]:
    moving = [one for one in accounts.values() if one.payer_changes]
    instants = sorted({change.at for one in moving for change in one.payer_changes})
    told: set[AccountKey] = set()
    for at in instants:
        for account in moving:
            chain = _chain(account.key, accounts, at)
            named = [one for one in chain if ("accounts", one) in paths]
            if len(chain) <= DEPTH_MAX or not named or not told.isdisjoint(chain):
                continue
            told |= set(chain)
            above = " < ".join(dict.fromkeys(chain))
            message = f"from {instant_text(at)} on accounts stand in a circle, or too deep: {above}"
            field = joined(paths["accounts", named[0]], "payer_changes")
            yield Problem(code="wrong_value", message=message, field=field)


def _chain(key: AccountKey, accounts: Accounts, at: datetime) -> list[AccountKey]:
    """Return an account and those above it; more than may be where they form a circle."""
    chain: list[AccountKey] = []
    above: AccountKey | None = key
    while above is not None and above in accounts and len(chain) <= DEPTH_MAX:
        chain.append(above)
        above = parent_at(accounts[above], at)
    return chain


def _unpaid(
    contract: Subscription,
    accounts: Accounts,
    plans: Mapping[tuple[PlanKey, int], PlanVersion],
    paths: Paths,
) -> Iterator[Problem]:
    above = accounts_above(contract.account, accounts)
    place = _place(contract, above, paths)
    if place is None or not any(one.payer_changes for one in above):
        return
    plan = plans.get((contract.plan, contract.version))
    for paid in _within(payers_of(contract.account, accounts), contract):
        since = "" if paid.since is None else f" from {instant_text(paid.since)} on"
        payer = None if paid.payer is None else accounts[paid.payer]
        if payer is None:
            message = f'nobody would pay for subscription "{contract.key}"{since}'
            yield Problem(code="wrong_value", message=message, field=place)
        elif plan is not None and contract.currency is None and plan.currency != payer.currency:
            message = (
                f'subscription "{contract.key}" is billed in {plan.currency}, but{since} payer '
                f'"{payer.key}" pays in {payer.currency}'
            )
            yield Problem(code="wrong_value", message=message, field=place)


def _place(contract: Subscription, above: Sequence[Account], paths: Paths) -> str | None:
    """Return where a problem of a contract is told; None: nothing that concerns it was declared."""
    if ("subscriptions", contract.key) in paths:
        return joined(paths["subscriptions", contract.key], "account")
    declared = (one for one in above if ("accounts", one.key) in paths)
    mover = next(iter(sorted(declared, key=lambda one: not one.payer_changes)), None)
    return None if mover is None else joined(paths["accounts", mover.key], "payer_changes")


def _within(payers: Sequence[PaidBy], contract: Subscription) -> Iterator[PaidBy]:
    """Yield who pays at a time of the contract."""
    for paid, following in zip_longest(payers, payers[1:]):
        ends = None if following is None else following.since
        is_over = ends is not None and ends <= contract.start
        since, end = paid.since, contract.end
        if not is_over and not (since is not None and end is not None and since >= end):
            yield paid

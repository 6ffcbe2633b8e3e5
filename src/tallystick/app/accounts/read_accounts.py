"""
Reads accounts and resources.

A caller bound to one account sees that account alone and the resources it owns or owned; of all
others it learns nothing, not even that they are there.
"""

from tallystick.accounts import Account, Resource
from tallystick.app.command import Caller, missing_scope
from tallystick.app.keys import Scope
from tallystick.app.own_rows import own_rows
from tallystick.app.unit_of_work import UnitOfWork
from tallystick.kernel import AccountKey, Done, Outcome, Refused, refuse


def get_account(key: AccountKey, *, caller: Caller, uow: UnitOfWork) -> Outcome[Account]:
    """
    Return one account.

    Problems:
        forbidden: the caller does not hold the scope ``read``.
        not_found: no such account, or not the caller's.
    """
    unpermitted = missing_scope(caller, Scope.READ)
    if unpermitted is not None:
        return Refused((unpermitted,))
    account = None
    if caller.account in (None, key):
        with uow:
            account = uow.accounts.load_account(key)
    return refuse("not_found", f"no account {key!r}") if account is None else Done(account)


def list_accounts(
    caller: Caller, *, uow: UnitOfWork, after: str = "", limit: int = 100
) -> Outcome[tuple[Account, ...]]:
    """
    Return accounts by key, ascending, those after the given key.

    Problems:
        forbidden: the caller does not hold the scope ``read``.
    """
    unpermitted = missing_scope(caller, Scope.READ)
    if unpermitted is not None:
        return Refused((unpermitted,))
    with uow:
        return Done(uow.accounts.list_accounts(after=after, limit=limit, only=caller.account))


def list_resources(
    caller: Caller,
    *,
    uow: UnitOfWork,
    after: str = "",
    limit: int = 100,
    account: AccountKey | None = None,
) -> Outcome[list[Resource]]:
    """
    Return resources by key, ascending, those after the given key; of one account if named.

    Problems:
        forbidden: the caller does not hold the scope ``read``.
    """
    return own_rows(
        lambda of: uow.accounts.list_resources(after=after, limit=limit, account=of),
        caller=caller,
        uow=uow,
        account=account,
    )

"""Who is invoiced for an account."""

from collections.abc import Mapping
from datetime import datetime

from tallystick.accounts import DEPTH_MAX, Account, is_invoiced_at, parent_at
from tallystick.app.unit_of_work import UnitOfWork
from tallystick.kernel import AccountKey


def accounts_of_payers(uow: UnitOfWork, account: Account) -> Mapping[AccountKey, Account]:
    """Return an account and all that ever stand above it, up to those invoiced throughout."""
    found: dict[AccountKey, Account] = {}
    waiting: list[Account] = [account]
    while waiting:
        one = waiting.pop()
        if one.key in found:
            continue
        found[one.key] = one
        if one.invoiced and all(change.invoiced for change in one.payer_changes):
            continue
        for key in dict.fromkeys([one.parent, *(change.parent for change in one.payer_changes)]):
            above = None if key is None else uow.accounts.load_account(key)
            waiting += [] if above is None else [above]
    return found


def payer_of_account(
    uow: UnitOfWork, account: Account | None, *, at: datetime | None
) -> Account | None:
    """
    Return the nearest account at or above one that is invoiced, None if there is none.

    Args:
        uow: open.
        account: whose.
        at: the instant; None: before all changes of payer.
    """
    return (path_to_payer(uow, account, at=at) or (None,))[-1]


def path_to_payer(
    uow: UnitOfWork, account: Account | None, *, at: datetime | None = None
) -> tuple[Account, ...]:
    """Return an account and those above it up to the one that is invoiced; none without it."""
    path: list[Account] = []
    for _ in range(DEPTH_MAX):
        if account is None:
            return ()
        path.append(account)
        if is_invoiced_at(account, at):
            return tuple(path)
        above = parent_at(account, at)
        account = None if above is None else uow.accounts.load_account(above)
    return ()

"""Listing rows of accounts: who is bound to one account sees those of that account alone."""

from collections.abc import Callable, Iterable
from typing import TypeVar

from tallystick.app.command import Caller, missing_scope
from tallystick.app.unit_of_work import UnitOfWork
from tallystick.kernel import AccountKey, Done, Outcome, Refused

PAGE_MAX = 1_000
"""Rows of one page at most."""

Row = TypeVar("Row")


def own_rows(
    read: Callable[[AccountKey | None], Iterable[Row]],
    *,
    caller: Caller,
    uow: UnitOfWork,
    account: AccountKey | None = None,
) -> Outcome[list[Row]]:
    """
    Return the rows of an account, or of all that the caller sees.

    Args:
        read: returns those of one account, or with None those of all, within the unit of work.
        caller: one that is bound to another account than is asked for sees none.
        uow: is opened here.
        account: whose rows; None: of all accounts that the caller sees.

    Problems:
        forbidden: the caller lacks the scope ``read``.
    """
    unpermitted = missing_scope(caller, "read")
    if unpermitted is not None:
        return Refused((unpermitted,))
    if caller.account is not None and account not in {None, caller.account}:
        return Done([])
    with uow:
        return Done(list(read(account if caller.account is None else caller.account)))

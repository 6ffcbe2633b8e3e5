"""
The contracts of an account and of all accounts below it, whoever pays for them.

    corp ── team ── lab        a budget over the tree of corp: contracts of all three
         └─ shop (until March 10, then below globe)
"""

from collections.abc import Iterator, Sequence
from datetime import datetime

import structlog

from tallystick.accounts import Account, parent_at
from tallystick.app.unit_of_work import UnitOfWork
from tallystick.catalog import Subscription
from tallystick.kernel import AccountKey

TREE_CONTRACTS_MAX = 500
"""Of a tree; the money of one that has more is not read, for a part of it would pass for all."""
_log = structlog.get_logger()


def contracts_of_tree(
    top: AccountKey, *, at: datetime, uow: UnitOfWork, most: int = TREE_CONTRACTS_MAX
) -> tuple[Subscription, ...]:
    """
    Return the contracts of an account and of those below it at an instant, by key.

    Those that have begun and not ended; of more than ``most`` none, which the log is told.
    """
    # Whoever stands below it now was declared below it, or below somebody who has moved.
    begun = uow.payers.begun_below([top, *uow.payers.moving()])
    known: dict[AccountKey, Account | None] = {}
    within = {
        account
        for account in {account for _, account, _ in begun}
        if top in _line(account, known, at=at, uow=uow)
    }
    keys = [key for key, account, start in begun if account in within and start <= at]
    found = uow.subscriptions.load_many(keys).values()
    running = [one for one in found if one.end is None or at < one.end]
    if len(running) > most:
        _log.warning("tree_not_read", account=top, contracts=len(running), most=most)
        return ()
    return tuple(sorted(running, key=lambda one: one.key))


def _line(
    key: AccountKey, known: dict[AccountKey, Account | None], *, at: datetime, uow: UnitOfWork
) -> Sequence[AccountKey]:
    """Return an account and what it stands below; each is loaded once."""

    def upwards() -> Iterator[AccountKey]:
        one: AccountKey | None = key
        seen: set[AccountKey] = set()
        while one is not None and one not in seen:
            seen.add(one)
            yield one
            if one not in known:
                known[one] = uow.accounts.load_account(one)
            account = known[one]
            one = None if account is None else parent_at(account, at)

    return [*upwards()]

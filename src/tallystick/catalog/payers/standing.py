"""What stands of who pays for a contract: which accounts are bound by it, and what is kept."""

from collections.abc import Mapping
from collections.abc import Set as AbstractSet
from dataclasses import replace
from datetime import datetime

from tallystick.accounts import Account, PayerChange, accounts_above
from tallystick.catalog.catalog import Catalog
from tallystick.kernel import AccountKey


def bound_accounts(stored: Catalog) -> frozenset[AccountKey]:
    """Give every account with a subscription, and those that ever stand above it, to its payers."""
    subscribers = {one.account for one in stored.subscriptions.values()}
    return frozenset(
        account.key for key in subscribers for account in accounts_above(key, stored.accounts)
    )


def lost_changes(stands: Account, wanted: Account, *, at: datetime) -> tuple[PayerChange, ...]:
    """
    Return the moves before an instant that are wanted no more, or in another order.

    They are facts that bills were made from: a further one may take them back from any instant on.
    """
    left = list(wanted.payer_changes)
    lost: list[PayerChange] = []
    for one in stands.payer_changes:
        if one.at > at:
            break
        if one in left:
            del left[: left.index(one) + 1]
        else:
            lost.append(one)
    return tuple(lost)


def with_changes_kept(
    wanted: Mapping[AccountKey, Account],
    stored: Mapping[AccountKey, Account],
    *,
    says_changes: AbstractSet[AccountKey],
) -> dict[AccountKey, Account]:
    """
    Return wanted accounts with the moves that stand, where their documents do not speak of them.

    Args:
        wanted: what documents declare.
        stored: what stands.
        says_changes: the accounts whose documents name their moves, be it as none.
    """
    return {
        key: one
        if key in says_changes or key not in stored
        else replace(one, payer_changes=stored[key].payer_changes)
        for key, one in wanted.items()
    }

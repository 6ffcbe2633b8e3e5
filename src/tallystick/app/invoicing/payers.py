"""Who is billed for which subscriptions."""

from collections.abc import Mapping

from tallystick.accounts import Account, payer_of
from tallystick.app.unit_of_work import UnitOfWork
from tallystick.catalog import Subscription
from tallystick.kernel import AccountKey


def subscriptions_by_payer(
    uow: UnitOfWork, account: AccountKey | None
) -> Mapping[AccountKey, list[Subscription]]:
    """Return all subscriptions by payer, in order of keys; without a payer, under the account."""
    found: dict[AccountKey, list[Subscription]] = {}
    with uow:
        accounts = uow.accounts.load_accounts()
        subscriptions = uow.subscriptions.load_subscriptions()
    wanted = None if account is None or account not in accounts else _payer(account, accounts)
    for _, subscription in sorted(subscriptions.items()):
        payer = _payer(subscription.account, accounts)
        if account is None or payer == wanted:
            found.setdefault(payer, []).append(subscription)
    return dict(sorted(found.items()))


def _payer(key: AccountKey, accounts: Mapping[AccountKey, Account]) -> AccountKey:
    payer = payer_of(key, accounts)
    return key if payer is None else payer.key

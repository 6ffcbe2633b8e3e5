"""Who is billed for which subscriptions."""

from collections.abc import Mapping, Sequence

from tallystick.app.accounts import payer_of_account
from tallystick.app.unit_of_work import UnitOfWork
from tallystick.kernel import AccountKey, SubscriptionKey


def subscriptions_by_payer(
    uow: UnitOfWork, account: AccountKey | None
) -> Mapping[AccountKey, Sequence[SubscriptionKey]]:
    """
    Return all subscriptions by payer, in order of keys; without a payer, under the account.

    Args:
        uow: not open yet.
        account: whose payer's they must be; None: anybody's.
    """
    with uow:
        found = uow.subscriptions.keys_by_payer()
        if account is None:
            return found
        payer = payer_of_account(uow, uow.accounts.load_account(account))
    wanted = account if payer is None else payer.key
    return {key: of_payer for key, of_payer in found.items() if key == wanted}

"""Who is invoiced for an account."""

from tallystick.accounts import Account
from tallystick.app.unit_of_work import UnitOfWork

_ANCESTORS_MAX = 64


def payer_of_account(uow: UnitOfWork, account: Account | None) -> Account | None:
    """Return the nearest account at or above one that is invoiced, None if there is none."""
    for _ in range(_ANCESTORS_MAX):
        if account is None or account.invoiced:
            return account
        account = None if account.parent is None else uow.accounts.load_account(account.parent)
    return None

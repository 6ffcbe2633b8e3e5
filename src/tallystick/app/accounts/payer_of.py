"""Who is invoiced for an account."""

from tallystick.accounts import Account
from tallystick.app.unit_of_work import UnitOfWork

_ANCESTORS_MAX = 64


def payer_of_account(uow: UnitOfWork, account: Account | None) -> Account | None:
    """Return the nearest account at or above one that is invoiced, None if there is none."""
    return (path_to_payer(uow, account) or (None,))[-1]


def path_to_payer(uow: UnitOfWork, account: Account | None) -> tuple[Account, ...]:
    """Return an account and those above it up to the one that is invoiced; none without it."""
    path: list[Account] = []
    for _ in range(_ANCESTORS_MAX):
        if account is None:
            return ()
        path.append(account)
        if account.invoiced:
            return tuple(path)
        account = None if account.parent is None else uow.accounts.load_account(account.parent)
    return ()

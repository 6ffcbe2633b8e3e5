"""Holds the credit that documents may use, before anything else of them is locked."""

from collections.abc import Iterable, Mapping, Sequence

from tallystick.app.unit_of_work import UnitOfWork
from tallystick.invoicing import Invoice
from tallystick.kernel import AccountKey


def hold_credit(
    uow: UnitOfWork, drafts: Iterable[Invoice]
) -> Mapping[AccountKey, Sequence[AccountKey]]:
    """
    Keep others from using credit of payers, and of accounts below them, until the commit.

    Whoever holds credit of several accounts takes them in the order of their keys, so that no two
    wait for each other.

    Returns:
        By payer, the accounts that were ever given credit; payers without any are left out.
    """
    purses = uow.credits.purses({draft.account for draft in drafts})
    for account in sorted({one for accounts in purses.values() for one in accounts}):
        uow.credits.hold(account)
    return purses

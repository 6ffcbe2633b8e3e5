"""Holds the credit that documents may use, before anything else of them is locked."""

from collections.abc import Collection, Iterable, Mapping, Sequence

from tallystick.accounts import payers_of
from tallystick.app.accounts import accounts_of_payers
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
        By payer, the accounts that were ever given credit; payers without any are left out. An
        account that moved is below each of its payers.
    """
    payers = {draft.account for draft in drafts}
    purses = {payer: set(found) for payer, found in uow.credits.purses(payers).items()}
    for payer, moved in _moved_below(uow, payers):
        below = (one for found in uow.credits.purses(moved).values() for one in found)
        purses.setdefault(payer, set()).update(below)
    for account in sorted({one for accounts in purses.values() for one in accounts}):
        uow.credits.hold(account)
    return {payer: sorted(found) for payer, found in purses.items() if found}


def _moved_below(
    uow: UnitOfWork, payers: Collection[AccountKey]
) -> Iterable[tuple[AccountKey, Collection[AccountKey]]]:
    """Yield payers with an account that ever moved below them, and what stands above that one."""
    for key in uow.payers.moving():
        account = uow.accounts.load_account(key)
        known = {} if account is None else accounts_of_payers(uow, account)
        paid = {one.payer for one in payers_of(key, known)} if known else set()
        for payer in paid & set(payers):
            if payer is not None:
                yield payer, [one for one in known if one in {key, payer} or one not in paid]

"""Locks the contracts of a document before anything of it changes."""

from collections.abc import Collection

from tallystick.app.unit_of_work import UnitOfWork
from tallystick.kernel import SubscriptionKey


def lock_contracts(uow: UnitOfWork, contracts: Collection[SubscriptionKey]) -> None:
    """
    Wait for other transactions that bill contracts, and keep them waiting until the commit.

    Those that shared documents with them are locked too: their lines bear parts of the same taxes.
    All are locked in the order of their keys, so that two who want several never wait in a circle.
    """
    for key in sorted(uow.shared.contracts_with(contracts)):
        uow.invoices.lock(key)

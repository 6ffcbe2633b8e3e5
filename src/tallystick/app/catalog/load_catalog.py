"""Loads the whole catalog of a workspace."""

from dataclasses import replace

from tallystick.app.unit_of_work import UnitOfWork
from tallystick.catalog import Catalog


def load_catalog(uow: UnitOfWork) -> Catalog:
    """Return everything declared, within a unit of work that is open."""
    return replace(
        uow.catalog.load_definitions(),
        accounts=uow.accounts.load_accounts(),
        resources=uow.accounts.load_resources(),
        subscriptions=uow.subscriptions.load_subscriptions(),
    )

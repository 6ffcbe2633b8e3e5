"""Loads the whole catalog of a workspace."""

from dataclasses import replace

from tallystick.app.unit_of_work import UnitOfWork
from tallystick.catalog import Catalog


def load_catalog(uow: UnitOfWork) -> Catalog:
    """Return everything declared, within a unit of work that is open."""
    definitions = uow.catalog.load_definitions()
    published = uow.price_series.load([*definitions.price_series])
    series = definitions.price_series.items()
    return replace(
        definitions,
        price_series={key: replace(one, facts=published.get(key, ())) for key, one in series},
        accounts=uow.accounts.load_accounts(),
        resources=uow.accounts.load_resources(),
        subscriptions=uow.subscriptions.load_subscriptions(),
    )

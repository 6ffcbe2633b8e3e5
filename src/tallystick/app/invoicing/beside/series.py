"""Loads the published prices that a contract follows."""

from dataclasses import replace

from tallystick.app.unit_of_work import UnitOfWork
from tallystick.catalog import Catalog, prices_in_force
from tallystick.invoicing import Basis, PublishedSeries
from tallystick.kernel import Done, Outcome, refuse
from tallystick.pricing import DynamicPrice


def with_series(uow: UnitOfWork, definitions: Catalog, basis: Basis) -> Outcome[Basis]:
    """
    Return a contract with the published prices that it follows; most follow none.

    Problems:
        unknown_price_series: the catalog does not hold one that a price names.
    """
    keys = sorted(
        {
            price.model.price_series
            for price in basis.prices
            if isinstance(price.model, DynamicPrice) and price.model.price_series
        }
    )
    for key in keys:
        if key not in definitions.price_series:
            return refuse("unknown_price_series", f"there is no price series {key}", "price_series")
    if not keys:
        return Done(basis)
    published = uow.price_series.load(keys)
    since = basis.subscription.start
    series = (
        PublishedSeries(key=key, prices=prices_in_force(published.get(key, ()), since=since))
        for key in keys
    )
    return Done(replace(basis, series=tuple(series)))

"""
Published prices in the facts behind a document.

A plan names a price series, and the basis holds what was published of it: so the plan stays as it
was sold while prices are published, and a document keeps those that it used.
"""

from collections.abc import Iterable
from dataclasses import dataclass, replace

from tallystick.kernel import Period
from tallystick.pricing import DatedRate, DynamicPrice, Price


@dataclass(frozen=True, slots=True, kw_only=True)
class PublishedSeries:
    """The prices in force of a series, in order of time."""

    key: str
    prices: tuple[DatedRate, ...]


def followed(price: Price, published: Iterable[PublishedSeries]) -> Price:
    """Return a price with the published prices that it follows; most follow none."""
    model = price.model
    if not isinstance(model, DynamicPrice) or not model.price_series:
        return price
    found = next((one.prices for one in published if one.key == model.price_series), ())
    return replace(price, model=replace(model, series=found))


def rates_within(price: Price, period: Period) -> tuple[DatedRate, ...]:
    """Return the published prices in force in a period; none for a price that follows none."""
    model = price.model
    if not isinstance(model, DynamicPrice) or not model.price_series:
        return ()
    begun = [rate for rate in model.series if rate.at <= period.start][-1:]
    return (*begun, *(rate for rate in model.series if period.start < rate.at < period.end))

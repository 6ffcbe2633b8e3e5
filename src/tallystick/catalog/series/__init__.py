"""Price series: prices that somebody publishes over time, as a spot market does."""

from tallystick.catalog.series.reading import (
    check_followed,
    prices_from_documents,
    read_price_series,
)
from tallystick.catalog.series.series import (
    PriceFact,
    PriceSeries,
    new_facts,
    prices_in_force,
)
from tallystick.catalog.series.writing import price_fact_document, price_series_document

__all__ = [
    "PriceFact",
    "PriceSeries",
    "check_followed",
    "new_facts",
    "price_fact_document",
    "price_series_document",
    "prices_from_documents",
    "prices_in_force",
    "read_price_series",
]

"""Published prices that a contract follows: as far as they are known, and as they are kept."""

from tallystick.invoicing.spot.published import PublishedSeries, followed, rates_within
from tallystick.invoicing.spot.wire import SeriesDocument, series_from_wire, wire_from_series

__all__ = [
    "PublishedSeries",
    "SeriesDocument",
    "followed",
    "rates_within",
    "series_from_wire",
    "wire_from_series",
]

"""Published prices as they stand in a basis."""

import msgspec

from tallystick.invoicing.spot.published import PublishedSeries
from tallystick.kernel import instant, instant_text, parse_decimal, plain
from tallystick.pricing import DatedRate


class SeriesDocument(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """A series; a price is the instant since when it holds, and what one unit costs."""

    key: str
    prices: list[tuple[str, str]]


def wire_from_series(series: PublishedSeries) -> SeriesDocument:
    """Return a series as it is kept."""
    prices = [(instant_text(rate.at), plain(rate.unit_price)) for rate in series.prices]
    return SeriesDocument(key=series.key, prices=prices)


def series_from_wire(wire: SeriesDocument) -> PublishedSeries:
    """
    Return the series that was kept.

    Raises:
        Misuse: an instant or a number cannot be read.
    """
    return PublishedSeries(
        key=wire.key,
        prices=tuple(
            DatedRate(at=instant(at), unit_price=parse_decimal(price)) for at, price in wire.prices
        ),
    )

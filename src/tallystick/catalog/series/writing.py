"""Writing price series as documents; empty parts are left out."""

from tallystick.catalog.series.series import PriceFact, PriceSeries
from tallystick.kernel import instant_text, plain


def price_series_document(series: PriceSeries) -> dict[str, object]:
    """Write a price series with all that was published of it."""
    return _given(
        {
            "key": series.key,
            "name": series.name,
            "currency": series.currency,
            "unit": series.unit,
            "prices": [price_fact_document(fact) for fact in series.facts],
        }
    )


def price_fact_document(fact: PriceFact) -> dict[str, object]:
    """Write one published price."""
    return _given(
        {
            "at": instant_text(fact.at),
            "unit_price": plain(fact.unit_price),
            "corrects": fact.corrects,
        }
    )


def _given(fields: dict[str, object]) -> dict[str, object]:
    return {name: value for name, value in fields.items() if value not in ("", [], None)}

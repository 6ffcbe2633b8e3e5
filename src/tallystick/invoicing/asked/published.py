"""Whether the prices are published that usage of a period needs."""

from collections.abc import Iterable, Iterator

from tallystick.invoicing.due import Item
from tallystick.kernel import Problem, instant_text
from tallystick.pricing import DynamicPrice


def missing_prices(items: Iterable[Item]) -> Iterator[Problem]:
    """
    Yield a problem for each item whose period the series that it follows does not cover yet.

    A series is complete up to its last price, which may hold on or be followed by others: a period
    is covered when a price was published for its end or later.

    Problems:
        price_series_incomplete.
    """
    for item in items:
        model = item.price.model
        if not isinstance(model, DynamicPrice) or not model.price_series:
            continue
        last = model.series[-1].at if model.series else None
        if last is None or last < item.period.end:
            until = "has no prices" if last is None else f"was published up to {instant_text(last)}"
            message = (
                f"{item.price.key} in {item.period} needs prices up to its end, and price series "
                f"{model.price_series} {until}; publish what follows, and bill again"
            )
            field = f"prices.{item.price.key}"
            yield Problem(code="price_series_incomplete", message=message, field=field)

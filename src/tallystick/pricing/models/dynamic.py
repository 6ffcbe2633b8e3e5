"""
Dynamic price: the amount comes with the event, or the price of a unit from a dated series.

    factor 1.33333, amounts of 10.00 in the events       10.00 x 1.33333 = 13.3333
    series 0.031 from 10:00, 0.045 from 11:00; 2 used at 10:30, 1 at 11:30
                                                         0.062 + 0.045   = 0.107

Without a series the quantity is a sum of amounts in the price's currency, as a meter adds them up
from the events. With a series (spot) each quantity is priced by the rate in force when it was used:
from its instant until before the next one's, the last one until further notice. Usage before the
first instant has no price; that is an error, never 0. A series may also be published apart from the
price, and grow while the price stays as it is.
"""

from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import datetime
from decimal import Decimal
from itertools import pairwise

from tallystick.kernel import EXACT, Problem, instant_text
from tallystick.pricing.charge import Step
from tallystick.pricing.detail import NO_DETAIL, Detail, Need, Unrateable
from tallystick.pricing.validity import negative_problems, require

SERIES_MAX = 10_000
PUBLISHED_MAX = 100_000
BEFORE = "before the series"
_NOTHING = Decimal(0)
_ONE = Decimal(1)


@dataclass(frozen=True, slots=True, kw_only=True)
class DatedRate:
    """A price of one unit in major units, 0 or more, in force from an instant on."""

    at: datetime
    unit_price: Decimal


@dataclass(frozen=True, slots=True, kw_only=True)
class DynamicPrice:
    """
    A factor on amounts from outside.

    Attributes:
        factor: by which the amount, or each rate of the series, is multiplied, 0 or more.
        series: rates in order of time; empty where the events carry the amount.
        price_series: key of a series whose prices are published over time; they stand in ``series``
            where anything is rated.
    """

    factor: Decimal = _ONE
    series: tuple[DatedRate, ...] = ()
    price_series: str = ""
    rates: dict[str, Decimal] = field(init=False, repr=False, compare=False)

    def __post_init__(self) -> None:
        """Refuse negative numbers and instants that do not ascend."""
        limit = PUBLISHED_MAX if self.price_series else SERIES_MAX
        require([*negative_problems("factor", self.factor), *_problems(self.series, limit)])
        rates = {
            instant_text(rate.at): EXACT.multiply(rate.unit_price, self.factor)
            for rate in self.series
        }
        object.__setattr__(self, "rates", rates)


def dynamic_need(model: DynamicPrice) -> Need:
    """Return what has to be known: the quantity under each rate, or the amount alone."""
    return Need.PARTS if model.series or model.price_series else Need.NOTHING


def rate_dynamic(
    model: DynamicPrice, quantity: Decimal, detail: Detail = NO_DETAIL
) -> tuple[Step, ...]:
    """
    Return the one step of the amount, or a step for each rate under which anything was used.

    Args:
        model: the factor and the series.
        quantity: 0 or more: the amount, or in the price's unit.
        detail: with a series, the quantity by the text of each rate's instant.

    Raises:
        Unrateable: the quantities are not there, or lie before the series.

    Example:
        >>> rate_dynamic(DynamicPrice(factor=Decimal("1.33333")), Decimal(10))[0].amount
        Decimal('13.33330')
    """
    if not model.series and not model.price_series:
        return (_step("amount of the events", quantity, model.factor),)
    if quantity and not detail.parts:
        raise Unrateable("a price from a series needs the quantity under each rate")
    steps = []
    for part in detail.parts:
        if not part.quantity:
            continue
        if part.name not in model.rates:
            raise Unrateable(f"the series has no price for usage of {part.name}")
        steps.append(_step(f"rate of {part.name}", part.quantity, model.rates[part.name]))
    return tuple(steps) or (_step("no usage", _NOTHING, _NOTHING),)


def _step(label: str, quantity: Decimal, price: Decimal) -> Step:
    amount = EXACT.multiply(quantity, price)
    return Step(label=label, quantity=quantity, unit_price=price, flat=_NOTHING, amount=amount)


def _problems(series: tuple[DatedRate, ...], limit: int) -> Iterator[Problem]:
    if len(series) > limit:
        message = f"{len(series)} rates are more than {limit}"
        yield Problem(code="too_many_rates", message=message, field="series")
    for index, rate in enumerate(series):
        yield from negative_problems(f"series[{index}].unit_price", rate.unit_price)
    for index, (earlier, later) in enumerate(pairwise(series), start=1):
        if later.at <= earlier.at:
            message = "must lie after the rate before it"
            yield Problem(code="series_not_ascending", message=message, field=f"series[{index}].at")

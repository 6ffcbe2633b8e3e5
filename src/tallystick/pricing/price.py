"""
A price: a model, what it applies to, and what surrounds the model.

A flat price stands alone. Every other model prices the quantity of a meter, in a unit into which
the meter's own converts, after an allowance in that unit.
"""

from collections.abc import Iterator
from dataclasses import dataclass, field
from decimal import Decimal
from typing import Literal, TypeAlias

from tallystick.kernel import (
    Currency,
    MeterKey,
    Misuse,
    PriceKey,
    Problem,
    currency,
    custom_currency,
    is_key,
)
from tallystick.pricing.flat import FlatPrice
from tallystick.pricing.models import Model
from tallystick.pricing.validity import negative_problems, require

Cadence: TypeAlias = Literal["advance", "arrears"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Price:
    """
    What something costs, in one currency.

    Attributes:
        key: natural, immutable.
        model: how a quantity becomes money.
        meter: whose quantity is priced; None for a flat fee, or where the caller brings a quantity.
        unit: of the quantity, the allowance and the model's numbers; None for a flat fee, or where
            the meter's own unit is meant.
        currency: ISO 4217 code, or the code of a custom unit.
        allowance: quantity included before the model prices the rest, 0 or more.
        cadence: whether it falls due at a period's start or at its end.
        group_by: dimensions; each combination of their values is rated on its own.
        currency_exponent: decimal places of a custom unit such as credits; None for ISO 4217.
        money: the currency itself, derived.
    """

    key: PriceKey
    model: Model
    meter: MeterKey | None = None
    unit: str | None = None
    currency: str
    allowance: Decimal = Decimal(0)
    cadence: Cadence = "arrears"
    group_by: tuple[str, ...] = ()
    currency_exponent: int | None = None
    money: Currency = field(init=False, repr=False, compare=False)

    def __post_init__(self) -> None:
        """Refuse what could not be rated or would be read in two ways."""
        require(_price_problems(self))
        object.__setattr__(self, "money", _money(self))


def _money(price: Price) -> Currency:
    if price.currency_exponent is None:
        return currency(price.currency)
    return custom_currency(price.currency, price.currency_exponent)


def _price_problems(price: Price) -> Iterator[Problem]:
    if not is_key(price.key):
        message = f"{price.key[:60]!r} is not a key: letters, digits and . _ : @ / - only"
        yield Problem(code="invalid_key", message=message, field="key")
    try:
        _money(price)
    except Misuse as error:
        yield Problem(code="unknown_currency", message=str(error), field="currency")
    yield from negative_problems("allowance", price.allowance)
    if price.meter is not None and price.cadence == "advance":
        message = "usage is known only at a period's end; leave cadence out"
        yield Problem(code="usage_in_advance", message=message, field="cadence")
    if len(set(price.group_by)) < len(price.group_by):
        message = "names a dimension twice"
        yield Problem(code="duplicate_dimension", message=message, field="group_by")
    if isinstance(price.model, FlatPrice):
        yield from _flat_price_problems(price)


def _flat_price_problems(price: Price) -> Iterator[Problem]:
    usage = (
        ("meter", price.meter is not None),
        ("unit", price.unit is not None),
        ("allowance", price.allowance > 0),
        ("group_by", price.group_by != ()),
    )
    for name, given in usage:
        if given:
            message = f"a flat price takes no {name}; leave it out, or choose another model"
            yield Problem(code="flat_takes_no_usage", message=message, field=name)

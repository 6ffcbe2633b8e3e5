"""
Which prices a contract has, and under which keys: those of its plan, of its add-ons, and its own.

    plan pro        base, calls            stand as they are
    add-on support  base                   support/base
    the contract    calls at 0.08          in place of pro's calls

A fee of an add-on is taken as often as the add-on is: its flat price becomes a price of one.
"""

from collections.abc import Iterator
from dataclasses import replace

from tallystick.catalog.plan import PlanVersion
from tallystick.kernel import PriceKey
from tallystick.pricing import FlatPrice, Price, SpendPrice, UnitPrice

# Not the currency: it is that of the contract, which its plans may differ from.
_ALIKE = ("meter", "unit", "group_by", "cadence")


def qualified(plan: PlanVersion, price: Price) -> Price:
    """
    Return a price of a plan version under the key that it has in contracts.

    >>> from decimal import Decimal
    >>> from tallystick.catalog import Alignment, PlanVersion, Proration
    >>> from tallystick.kernel import Interval, IntervalUnit, PlanKey
    >>> fee = Price(key=PriceKey("base"), model=FlatPrice(amount=Decimal(5)), currency="EUR")
    >>> support = PlanVersion(plan=PlanKey("support"), version=1, name="Support", currency="EUR",
    ...     interval=Interval(count=1, of=IntervalUnit.MONTH), alignment=Alignment.CALENDAR,
    ...     proration=Proration.DAY, prices=(fee,), add_on=True)
    >>> qualified(support, fee).key
    'support/base'
    """
    if not plan.add_on:
        return price
    model = price.model
    if isinstance(model, FlatPrice):
        model = UnitPrice(unit_price=model.amount)
    return replace(price, key=PriceKey(f"{plan.plan}/{price.key}"), model=model)


def own_quantities(price: Price) -> bool:
    """Return whether a contract says how much it takes of a price."""
    return price.meter is None and not isinstance(price.model, FlatPrice | SpendPrice)


def own_prices(price: Price, stands_for: Price) -> Iterator[str]:
    """Yield the fields in which a contract's own price must be like the plan's and is not."""
    yield from (name for name in _ALIKE if getattr(price, name) != getattr(stands_for, name))

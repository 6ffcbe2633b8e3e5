"""
Overage rates: what each unit beyond an allowance costs, by so many or by a unit of measure.

    api_calls_per_1000: 0.50     unit price 0.0005 beyond the limit, linear
    the same in started_blocks   a package of 1000 at 0.50
    storage_per_gb: 2.00         unit price 2.00 for each GB beyond the limit
"""

import re
from collections.abc import Iterator, Mapping
from decimal import Decimal

from tallystick.catalog.plan import PlanVersion
from tallystick.catalog.policies.form import LISTED, Form, Leaf
from tallystick.catalog.policies.names import Named, converts
from tallystick.kernel import EXACT, conversion, unit
from tallystick.pricing import PackagePrice, Price, UnitPrice

RATES = "billing.overage_rate"
BLOCKS = f"billing.started_blocks{LISTED}"
_PER = re.compile(r"(?P<name>[a-z0-9_]+?)_per_(?P<of>[a-z0-9]+)")
_USUAL = "1000"


def rate_parts(text: str) -> tuple[str, str] | None:
    """
    Return what a rate is of, and by how many or by which unit.

    Example:
        >>> rate_parts("api_calls_per_1000"), rate_parts("storage_per_gb"), rate_parts("calls")
        (('api_calls', '1000'), ('storage', 'gb'), None)
    """
    found = _PER.fullmatch(text)
    return None if found is None else (found["name"], found["of"])


def rate_leaves(
    price: Price, plan: PlanVersion, named: Mapping[str, Named], digits: int
) -> Iterator[Leaf]:
    """
    Yield what a policy says of a price; nothing where it cannot say it.

    Args:
        price: of the plan.
        plan: names in its form by how many a rate is written; by a thousand where it does not.
        named: its features by key.
        digits: how many places the plan's currency has.
    """
    for one in plan.entitlements:
        of = named[one.feature]
        if price.meter is None or of.feature.meter != price.meter or one.limit is None:
            continue
        if price.key == of.feature.key and price.allowance == _in_unit(one.limit, of, price):
            yield from _leaves(price, of, digits, plan.policy_form)
            return


def _leaves(price: Price, of: Named, digits: int, form: Form) -> Iterator[Leaf]:
    alike = Price(
        key=price.key,
        model=price.model,
        meter=price.meter,
        unit=price.unit,
        currency=price.currency,
        allowance=price.allowance,
    )
    if price != alike:
        return
    if isinstance(price.model, PackagePrice):
        name = f"{of.name}_per_{format(price.model.package_size, 'f')}"
        if price.unit is None and rate_parts(name) is not None:
            yield Leaf(path=f"{RATES}.{name}", value=money_in(price.model.package_price, digits))
            yield Leaf(path=BLOCKS, value=name)
    elif isinstance(price.model, UnitPrice) and price.unit:
        name = f"{of.name}_per_{price.unit.lower()}"
        yield Leaf(path=f"{RATES}.{name}", value=money_in(price.model.unit_price, digits))
    elif isinstance(price.model, UnitPrice):
        many = _many(of, form)
        amount = EXACT.multiply(price.model.unit_price, Decimal(many))
        yield Leaf(path=f"{RATES}.{of.name}_per_{many}", value=money_in(amount, digits))


def _many(of: Named, form: Form) -> str:
    """Return by how many a form counts a rate."""
    for path, _ in form:
        parts = rate_parts(path.removeprefix(f"{RATES}."))
        if path.startswith(RATES) and parts is not None and parts[0] == of.name:
            return parts[1] if parts[1].isdecimal() else _USUAL
    return _USUAL


def _in_unit(limit: Decimal, of: Named, price: Price) -> Decimal:
    """Return a limit in the unit of a price."""
    if price.unit is None or not converts(of.counted, price.unit):
        return limit
    times, by = conversion(unit(of.counted), unit(price.unit))
    return EXACT.divide(EXACT.multiply(limit, Decimal(times)), Decimal(by))


def money_in(amount: Decimal, digits: int) -> Decimal:
    """Return an amount with at least as many places as its currency has."""
    plainest = amount.normalize(EXACT)
    exponent = plainest.as_tuple().exponent
    places = max(digits, -exponent if isinstance(exponent, int) else 0)
    return plainest.quantize(Decimal(1).scaleb(-places), context=EXACT)

"""The prices of a quota policy: the base price, and what each unit beyond a limit costs."""

from collections.abc import Mapping
from decimal import Decimal

from tallystick.catalog.fields import NUMBER, Fields, suggestion
from tallystick.catalog.policies.names import Named, converts, measured_unit
from tallystick.catalog.policies.rates import rate_parts
from tallystick.kernel import EXACT, FRACTION_DIGITS_MAX, conversion, parse_decimal, plain, unit

BASE = "base"
Granted = Mapping[str, tuple[Named, dict[str, object]]]


def read_prices(billing: Fields, granted: Granted) -> list[dict[str, object]]:
    """Read base price and overage rates as prices of a plan; problems are noted."""
    base = billing.read("base_price", NUMBER)
    prices: list[dict[str, object]] = [
        {"key": BASE, "model": "flat", "amount": plain(base), "cadence": "advance"}
    ]
    blocks = {str(one) for one in billing.items("started_blocks")}
    if not billing.has("overage_rate"):
        return prices
    rates = billing.inside("overage_rate")
    for name in rates.all():
        price = _price(rates, name, granted, in_blocks=name in blocks)
        if price is not None:
            prices.append(price)
    for name in sorted(blocks - set(rates.all())):
        message = f'"{name}" is no overage rate{suggestion(name, [*rates.all()])}'
        billing.note("unknown_reference", message, "started_blocks")
    return prices


def _price(
    rates: Fields, name: str, granted: Granted, *, in_blocks: bool
) -> dict[str, object] | None:
    parts = rate_parts(name)
    metered = {key: one for key, one in granted.items() if one[0].counted and "limit" in one[1]}
    if parts is None or parts[0] not in metered:
        message = (
            f'"{name}" must name a metered limit and by what it is charged, such as '
            "api_calls_per_1000 or storage_per_gb"
        )
        rates.note("unknown_reference", message + suggestion(name, metered), name)
        return None
    of, document = metered[parts[0]]
    document.setdefault("overage", {"action": "charge"})
    price = rates.read(name, NUMBER)
    common: dict[str, object] = {
        "key": of.feature.key,
        "meter": of.counted and of.feature.meter,
        "allowance": document["limit"],
    }
    if parts[1].isdecimal():
        return _by_many(rates, name, common, (price, Decimal(parts[1])), in_blocks=in_blocks)
    return _by_unit(rates, name, common, (price, parts[1], of))


def _by_many(
    rates: Fields,
    name: str,
    common: Mapping[str, object],
    rate: tuple[Decimal, Decimal],
    *,
    in_blocks: bool,
) -> dict[str, object] | None:
    price, many = rate
    if in_blocks and many:
        size, cost = plain(many), plain(price)
        return {**common, "model": "package", "package_size": size, "package_price": cost}
    each = EXACT.divide(price, many) if many else Decimal(0)
    if not many or not _is_exact(each):
        message = f"{plain(price)} by {plain(many)} is no exact price of one; take a power of ten"
        rates.note("wrong_value", message, name)
        return None
    return {**common, "model": "unit", "unit_price": plain(each)}


def _by_unit(
    rates: Fields, name: str, common: Mapping[str, object], rate: tuple[Decimal, str, Named]
) -> dict[str, object] | None:
    price, word, of = rate
    charged = measured_unit(word)
    if not charged or not converts(of.counted, charged):
        message = f'"{word}" is no unit of {of.counted}; write one such as gb, or a number: _per_1'
        rates.note("wrong_value", message, name)
        return None
    times, by = conversion(unit(of.counted), unit(charged))
    limit = parse_decimal(str(common["allowance"]))
    allowance = EXACT.divide(EXACT.multiply(limit, Decimal(times)), Decimal(by))
    return {
        **common,
        "model": "unit",
        "unit_price": plain(price),
        "unit": charged,
        "allowance": plain(allowance),
    }


def _is_exact(number: Decimal) -> bool:
    exponent = number.normalize(EXACT).as_tuple().exponent
    return isinstance(exponent, int) and -exponent <= FRACTION_DIGITS_MAX

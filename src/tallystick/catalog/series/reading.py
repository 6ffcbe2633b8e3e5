"""Reading price series and published prices from documents, and what a price may follow."""

from collections.abc import Collection, Iterator, Mapping

from tallystick.catalog.documents import joined
from tallystick.catalog.fields import (
    CURRENCY,
    INSTANT,
    KEY,
    NUMBER,
    TEXT,
    Fields,
    suggestion,
    verify,
)
from tallystick.catalog.series.series import PriceFact, PriceSeries, new_facts
from tallystick.kernel import Done, Misuse, Outcome, Problem, Refused, currency, unit
from tallystick.pricing import DynamicPrice, Price


def read_price_series(
    fields: Fields, *, stored: Mapping[str, PriceSeries], units: Collection[str]
) -> tuple[str, PriceSeries]:
    """
    Read a price series, by its key; prices that were published before need not be told again.

    Args:
        fields: of the document.
        stored: series by key, with what was published of them.
        units: those declared.
    """
    key, code = fields.read("key", KEY), fields.read("currency", CURRENCY)
    verify(fields, "currency", currency)
    name = fields.read_or("unit", TEXT, "")
    try:
        _ = unit(name, units) if name else None
    except Misuse as error:
        fields.note("unknown_unit", str(error), "unit")
    known = stored[key].facts if key in stored else ()
    told = _read_facts(fields)
    found = new_facts(known, told) if fields.sound else Done(())
    if isinstance(found, Refused):
        for problem in found.problems:
            fields.note(problem.code, problem.message, joined("prices", problem.field))
        found = Done(())
    return key, PriceSeries(
        key=key,
        name=fields.read_or("name", TEXT, ""),
        currency=code,
        unit=name,
        facts=(*known, *found.value),
    )


def prices_from_documents(documents: object) -> Outcome[tuple[PriceFact, ...]]:
    """
    Read a list of published prices, ``{at, unit_price, corrects}`` each.

    Problems:
        wrong_type, missing_field, unknown_field, wrong_value, with the path ``prices[3].at``.
    """
    problems: list[Problem] = []
    fields = Fields({"prices": documents}, path="", problems=problems)
    found = _read_facts(fields)
    fields.finish()
    return Refused(tuple(problems)) if problems else Done(found)


def check_followed(
    fields: Fields,
    path: str,
    price: Price,
    *,
    series: Mapping[str, PriceSeries],
    keys: Collection[str],
) -> None:
    """
    Note where a price follows a series that there is not, or of another currency or unit.

    Args:
        fields: of what holds the price.
        path: of the price.
        price: with what it says in other currencies.
        series: by key.
        keys: all that are declared, with a mistake too.
    """
    for one in (price, *price.stated):
        if not isinstance(one.model, DynamicPrice) or not (key := one.model.price_series):
            continue
        where = path if one is price else f"{path}.currencies.{one.currency}"
        followed = series.get(key)
        if key not in keys:
            message = f'unknown price series "{key}"{suggestion(key, keys)}'
            fields.note("unknown_reference", message, f"{where}.price_series")
        elif followed is not None:
            for message in _mismatches(one, one.model, followed):
                fields.note("wrong_value", message, f"{where}.price_series")


def _mismatches(price: Price, model: DynamicPrice, followed: PriceSeries) -> Iterator[str]:
    name = f'price series "{followed.key}"'
    if model.series:
        yield '"series" are prices of the price itself; leave them or "price_series" out'
    if price.meter is None:
        yield f'"meter" is missing: which price of {name} holds depends on when something was used'
    if followed.currency != price.currency:
        yield f"{name} is in {followed.currency}, the price in {price.currency}"
    if followed.unit and followed.unit != price.unit:
        yield f"{name} is for one {followed.unit}, the price for one {price.unit or 'of its meter'}"


def _read_facts(fields: Fields) -> tuple[PriceFact, ...]:
    found = []
    for each in fields.each("prices"):
        fact = PriceFact(
            at=each.read("at", INSTANT),
            unit_price=each.read("unit_price", NUMBER),
            corrects=each.read_or("corrects", TEXT, ""),
        )
        each.finish()
        found.append(fact)
    return tuple(found)

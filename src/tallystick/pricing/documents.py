"""
Prices as documents: the shape that YAML files and JSON bodies have.

    key: cpu
    model: graduated
    meter: cpu_seconds
    unit: hour
    currency: USD
    allowance: "1"
    tiers:
      - {up_to: "100", unit_price: "0.05"}
      - {unit_price: "0.04", flat: "2"}

A model's own fields stand beside the others and are read by their types, so that a new model needs
no line here. What equals its default is not written.
"""

from collections.abc import Callable, Iterable, Mapping
from dataclasses import MISSING, Field, fields
from decimal import Decimal
from typing import Any

from tallystick.kernel import (
    Done,
    MeterKey,
    Misuse,
    Outcome,
    PriceKey,
    Problem,
    Refused,
    nearest,
    parse_decimal,
    plain,
    refuse,
    unit,
)
from tallystick.pricing.charge import Charge
from tallystick.pricing.models import KIND_BY_NAME, KIND_BY_TYPE, Model, ModelKind
from tallystick.pricing.price import Cadence, Price
from tallystick.pricing.rating import rate
from tallystick.pricing.reading import ObjectReader
from tallystick.pricing.tiers import Tier
from tallystick.pricing.validity import InvalidPrice

_READERS: dict[object, Callable[[ObjectReader, str], Any]] = {
    Decimal: ObjectReader.decimal,
    bool: ObjectReader.flag,
    tuple[Tier, ...]: ObjectReader.tiers,
}
_CADENCES: dict[str, Cadence] = {"advance": "advance", "arrears": "arrears"}


def price_from_document(
    document: object, *, currency: str | None = None, declared_units: Iterable[str] = frozenset()
) -> Outcome[Price]:
    """
    Return the price that a document describes, or every problem with the path of its field.

    Args:
        document: a mapping as shown above; numbers as text, int or Decimal.
        currency: used where the document names none (a plan's prices share the plan's).
        declared_units: countable units known beside the built-in ones.

    Problems:
        missing, wrong_type, not_a_number, unknown_field, unknown_model, unknown_unit, and those of
        the price itself, such as tiers_not_ascending.

    Example:
        >>> outcome = price_from_document(
        ...     {"key": "base", "model": "flat", "amount": "10.00", "currency": "USD"}
        ... )
        >>> outcome.value.model if isinstance(outcome, Done) else outcome.problems
        FlatPrice(amount=Decimal('10.00'))
    """
    if not isinstance(document, Mapping):
        return refuse("wrong_type", f"a price is an object, not {type(document).__name__}")
    reader = ObjectReader(document)
    model = _read_model(reader)
    arguments = _read_frame(reader, currency=currency, declared_units=declared_units)
    reader.refuse_unknown()
    if model is None or reader.problems:
        return Refused(tuple(reader.problems))
    try:
        return Done(Price(model=model, **arguments))
    except InvalidPrice as error:
        return Refused(error.problems)


def document_from_price(price: Price) -> dict[str, object]:
    """
    Return the document of a price: reading it gives an equal price.

    Example:
        >>> from tallystick.pricing.flat import FlatPrice
        >>> fee = Price(key=PriceKey("fee"), model=FlatPrice(amount=Decimal(1)), currency="USD")
        >>> document_from_price(fee)
        {'key': 'fee', 'model': 'flat', 'currency': 'USD', 'amount': '1'}
    """
    document: dict[str, object] = {
        "key": price.key,
        "model": KIND_BY_TYPE[type(price.model)].name,
        "currency": price.currency,
    }
    given = _written(price)
    for name in ("meter", "unit", "allowance", "cadence", "group_by", "currency_exponent"):
        if name in given:
            document[name] = given[name]
    return document | _written(price.model)


def rate_document(document: object, quantity: str) -> Outcome[Charge]:
    """
    Return the charge of one price document for a quantity, without any engine.

    Args:
        document: a price as ``price_from_document`` takes it, with its currency.
        quantity: a decimal number, in the price's unit.

    Problems:
        Those of ``price_from_document``; ``not_a_number`` with the field ``quantity``.

    Example:
        >>> document = {"key": "calls", "model": "unit", "unit_price": "0.01", "currency": "USD"}
        >>> outcome = rate_document(document, "250")
        >>> outcome.value.amount.value if isinstance(outcome, Done) else outcome.problems
        Decimal('2.50')
    """
    outcome = price_from_document(document)
    problems = outcome.problems if isinstance(outcome, Refused) else ()
    try:
        number = parse_decimal(quantity)
    except Misuse as error:
        problem = Problem(code="not_a_number", message=str(error), field="quantity")
        return Refused((*problems, problem))
    return outcome if isinstance(outcome, Refused) else Done(rate(outcome.value, number))


def _read_model(reader: ObjectReader) -> Model | None:
    """Return the model, or None where a problem was noted."""
    name = reader.text("model")
    kind = KIND_BY_NAME.get(name)
    if kind is None:
        if name:
            near = nearest(name, KIND_BY_NAME)
            hint = f"did you mean {near}?" if near else f"known are {', '.join(KIND_BY_NAME)}"
            reader.add("unknown_model", f"{name[:60]!r} is not a price model; {hint}", "model")
        return None
    return _read_model_fields(reader, kind)


def _read_model_fields(reader: ObjectReader, kind: ModelKind) -> Model | None:
    before = len(reader.problems)
    arguments = {
        field.name: _READERS[field.type](reader, field.name)
        for field in _own_fields(kind.type)
        if reader.has(field.name) or field.default is MISSING
    }
    if len(reader.problems) > before:
        return None
    try:
        return kind.type(**arguments)
    except InvalidPrice as error:
        reader.problems += error.problems
        return None


def _read_frame(
    reader: ObjectReader, *, currency: str | None, declared_units: Iterable[str]
) -> dict[str, Any]:
    """Return the arguments of a price other than its model."""
    arguments: dict[str, Any] = {
        "key": PriceKey(reader.text("key")),
        "currency": reader.text("currency", currency),
    }
    if reader.has("meter"):
        arguments["meter"] = MeterKey(reader.text("meter"))
    if reader.has("unit"):
        arguments["unit"] = _read_unit(reader, declared_units)
    if reader.has("allowance"):
        arguments["allowance"] = reader.decimal("allowance")
    if reader.has("cadence"):
        arguments["cadence"] = _read_cadence(reader)
    if reader.has("group_by"):
        arguments["group_by"] = reader.names("group_by")
    if reader.has("currency_exponent"):
        arguments["currency_exponent"] = reader.whole("currency_exponent")
    return arguments


def _read_unit(reader: ObjectReader, declared: Iterable[str]) -> str:
    name = reader.text("unit")
    try:
        return unit(name, declared).name
    except Misuse as error:
        reader.add("unknown_unit", str(error), "unit")
        return name


def _read_cadence(reader: ObjectReader) -> Cadence:
    name = reader.text("cadence")
    if name not in _CADENCES:
        reader.add("unknown_cadence", f"must be advance or arrears, not {name[:60]!r}", "cadence")
    return _CADENCES.get(name, "arrears")


def _own_fields(of: Any) -> tuple[Field[Any], ...]:  # noqa: ANN401 - any dataclass or its type
    """Return the fields that a caller sets, without the derived ones."""
    return tuple(field for field in fields(of) if field.init)


def _written(value: object) -> dict[str, object]:
    """Return the fields of a dataclass that differ from their defaults, as a document has them."""
    return {
        field.name: _document_value(getattr(value, field.name))
        for field in _own_fields(value)
        if field.default is MISSING or getattr(value, field.name) != field.default
    }


def _document_value(value: object) -> object:
    match value:
        case Decimal():
            return plain(value)
        case tuple():
            return [_document_value(item) for item in value]
        case Tier():
            # The open tier has no default for its bound; leaving it out says the same.
            return {name: item for name, item in _written(value).items() if item is not None}
        case _:
            return value

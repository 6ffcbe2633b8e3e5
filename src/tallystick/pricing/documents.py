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

What a price says of money may be said again for other currencies; all else is shared:

    currencies:
      EUR: {tiers: [{up_to: "100", unit_price: "0.045"}, {unit_price: "0.035", flat: "1.8"}]}

A model's own fields stand beside the others and are read by their types, so that a new model needs
no line here. What equals its default is not written.
"""

from collections.abc import Iterable, Mapping
from decimal import Decimal
from typing import Any, TypeVar

from tallystick.kernel import (
    Done,
    MeterKey,
    Misuse,
    Outcome,
    PriceKey,
    Refused,
    nearest,
    refuse,
    unit,
)
from tallystick.pricing.charge import Charge
from tallystick.pricing.detail import Unrateable
from tallystick.pricing.models import KIND_BY_NAME, KIND_BY_TYPE, Model
from tallystick.pricing.parts import read_inside, read_interval, read_names, written_interval
from tallystick.pricing.price import SHARED, Cadence, Price, PriceAlignment, TierScope
from tallystick.pricing.rating import rate
from tallystick.pricing.reading import ObjectReader
from tallystick.pricing.records import read_record, read_value, written_record
from tallystick.pricing.stages import Discount, EachRun, QuantityRounding, Rollover
from tallystick.pricing.usages import Usage
from tallystick.pricing.validity import InvalidPrice

_Word = TypeVar("_Word", bound=str)
_CADENCES: dict[str, Cadence] = {"advance": "advance", "arrears": "arrears"}
_ALIGNMENTS: dict[str, PriceAlignment] = {"calendar": "calendar", "anniversary": "anniversary"}
_TIER_SCOPES: dict[str, TierScope] = {
    "period": "period",
    "contract": "contract",
    "tree": "tree",
}
_STAGES: dict[str, object] = {
    "rollover": Rollover,
    "each_run": EachRun,
    "minimum_quantity": Decimal,
    "rounding": QuantityRounding,
    "discounts": tuple[Discount, ...],
    "minimum": Decimal,
    "maximum": Decimal,
}
_FRAME = (
    "meter",
    "unit",
    "allowance",
    "tiers_over",
    "cadence",
    "alignment",
    "group_by",
    *_STAGES,
    "tax_category",
    "currency_exponent",
)


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
    arguments["stated"] = _read_stated(reader, document, declared_units)
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
        >>> from tallystick.pricing.models import FlatPrice
        >>> fee = Price(key=PriceKey("fee"), model=FlatPrice(amount=Decimal(1)), currency="USD")
        >>> document_from_price(fee)
        {'key': 'fee', 'model': 'flat', 'currency': 'USD', 'amount': '1'}
    """
    document: dict[str, object] = {
        "key": price.key,
        "model": KIND_BY_TYPE[type(price.model)].name,
        "currency": price.currency,
    }
    given = written_record(price)
    document |= {name: given[name] for name in _FRAME if name in given}
    if price.interval is not None:
        document["interval"] = written_interval(price.interval)
    document |= written_record(price.model)
    if price.stated:
        document["currencies"] = {other.currency: _stated_document(other) for other in price.stated}
    return document


def _stated_document(price: Price) -> dict[str, object]:
    """Return what a price says in another currency: its money, all of it."""
    shared = {*SHARED, "model", "currency"}
    return {name: said for name, said in document_from_price(price).items() if name not in shared}


def rate_document(document: object, usage: Outcome[Usage]) -> Outcome[Charge]:
    """
    Return the charge of one price document for a usage, without any engine.

    Args:
        document: a price as ``price_from_document`` takes it, with its currency.
        usage: in the price's unit.

    Problems:
        Those of ``price_from_document`` and of the usage; ``unrateable`` where the usage lacks what
        the model needs.

    Example:
        >>> from tallystick.pricing.usages import plain_usage
        >>> document = {"key": "calls", "model": "unit", "unit_price": "0.01", "currency": "USD"}
        >>> outcome = rate_document(document, plain_usage("250"))
        >>> outcome.value.amount.value if isinstance(outcome, Done) else outcome.problems
        Decimal('2.50')
    """
    outcome = price_from_document(document)
    if isinstance(outcome, Refused) or isinstance(usage, Refused):
        refusals = (each for each in (outcome, usage) if isinstance(each, Refused))
        return Refused(tuple(problem for refusal in refusals for problem in refusal.problems))
    try:
        return Done(rate(outcome.value, usage.value.quantity, detail=usage.value.detail))
    except Unrateable as error:
        return refuse("unrateable", str(error), "usage")


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
    return read_record(reader, kind.type)


def _read_stated(
    reader: ObjectReader, document: Mapping[Any, Any], declared_units: Iterable[str]
) -> tuple[Price, ...]:
    """Read the same price in other currencies; problems have the path of the currency."""
    if not reader.has("currencies"):
        return ()
    part = read_inside(reader, "currencies")
    bodies = {} if part is None else dict(document["currencies"])
    shared = {name: document[name] for name in (*SHARED, "model") if name in document}
    if document.get("tiers_over") == "tree":
        shared["tiers_over"] = "tree"
    found = []
    for code, body in bodies.items():
        where = f"currencies.{code}"
        if not isinstance(body, Mapping) or {*SHARED, "model", "currency", "currencies"} & {*body}:
            message = "holds what the price says of money in this currency, and nothing else"
            reader.add("wrong_type", message, where)
            continue
        outcome = price_from_document(
            {**shared, **body, "currency": code}, declared_units=declared_units
        )
        if isinstance(outcome, Refused):
            for one in outcome.problems:
                reader.add(one.code, one.message, f"{where}.{one.field}")
        else:
            found.append(outcome.value)
    return tuple(found)


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
    if reader.has("tiers_over"):
        arguments["tiers_over"] = _read_word(reader, "tiers_over", _TIER_SCOPES, "period")
    arguments |= _read_times(reader)
    if reader.has("group_by"):
        arguments["group_by"] = read_names(reader, "group_by")
    for name, type_ in _STAGES.items():
        if reader.has(name):
            arguments[name] = read_value(reader, name, type_)
    if reader.has("tax_category"):
        arguments["tax_category"] = reader.text("tax_category")
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


def _read_times(reader: ObjectReader) -> dict[str, Any]:
    """Return when a price falls due, and for which periods."""
    arguments: dict[str, Any] = {}
    if reader.has("cadence"):
        arguments["cadence"] = _read_word(reader, "cadence", _CADENCES, "arrears")
    if reader.has("interval"):
        arguments["interval"] = read_interval(reader, "interval")
    if reader.has("alignment"):
        arguments["alignment"] = _read_word(reader, "alignment", _ALIGNMENTS, "calendar")
    return arguments


def _read_word(
    reader: ObjectReader, name: str, words: Mapping[str, _Word], default: _Word
) -> _Word:
    """Return one of a few words."""
    word = reader.text(name)
    if word not in words:
        message = f"must be {' or '.join(words)}, not {word[:60]!r}"
        reader.add(f"unknown_{name}", message, name)
    return words.get(word, default)

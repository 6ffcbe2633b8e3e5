"""The JSON Schema of `plan-definitions`: plans in all versions, and what they name."""

from collections.abc import Iterable, Mapping
from enum import StrEnum
from functools import cache
from typing import get_args

from tallystick.catalog import FeatureKind, Proration
from tallystick.metering import RULES
from tallystick.pricing import MODEL_KINDS, Cadence

LISTS = ("units", "meters", "products", "features", "price_books", "plans")
"""What a file holds, each a list of documents as the catalog takes them."""

_KEY: Mapping[str, object] = {"type": "string", "minLength": 1}
_EXACT: Mapping[str, object] = {
    "type": "string",
    "pattern": r"^-?[0-9]+(\.[0-9]+)?$",
    "description": "An exact decimal number.",
}


@cache
def plan_definitions_schema() -> Mapping[str, object]:
    """
    Return the JSON Schema (draft 2020-12) of what `tallystick plan export` writes.

    It says what every reader may rely on; what else a document holds is checked by `apply`.

    Example:
        >>> sorted(plan_definitions_schema()["properties"])
        ['features', 'meters', 'plans', 'price_books', 'products', 'units']
    """
    items = {
        "units": _documents({}),
        "meters": _documents(
            {"key": _KEY, "aggregation": _one_of(RULES)}, required=("key", "aggregation")
        ),
        "products": _documents({"key": _KEY}, required=("key",)),
        "features": _documents(
            {"key": _KEY, "kind": _one_of(FeatureKind)}, required=("key", "kind")
        ),
        "price_books": _documents({"key": _KEY}, required=("key",)),
        "plans": _documents(_plan(), required=("key", "version", "name", "currency", "prices")),
    }
    return {
        "$schema": "https://json-schema.org/draft/2020-12/schema",
        "title": "Plan definitions",
        "description": "Plans in all versions, and what they name, as the catalog takes them back.",
        "type": "object",
        "additionalProperties": False,
        "required": ["plans"],
        "properties": {name: {"type": "array", "items": items[name]} for name in LISTS},
    }


def _plan() -> Mapping[str, object]:
    price = _documents(
        {
            "key": _KEY,
            "model": _one_of(kind.name for kind in MODEL_KINDS),
            "meter": _KEY,
            "unit": {"type": "string"},
            "amount": _EXACT,
            "unit_price": _EXACT,
            "cadence": _one_of(get_args(Cadence)),
        },
        required=("key", "model"),
    )
    return {
        "key": _KEY,
        "version": {"type": "integer", "minimum": 1},
        "name": {"type": "string"},
        "currency": {"type": "string"},
        "interval": {},
        "proration": _one_of(Proration),
        "prices": {"type": "array", "items": price},
        "entitlements": {
            "type": "array",
            "items": _documents({"feature": _KEY}, required=("feature",)),
        },
    }


def _documents(
    properties: Mapping[str, object], *, required: tuple[str, ...] = ()
) -> Mapping[str, object]:
    return {"type": "object", "properties": dict(properties), "required": list(required)}


def _one_of(names: Iterable[str | StrEnum]) -> Mapping[str, object]:
    return {"enum": sorted(str(name) for name in names)}

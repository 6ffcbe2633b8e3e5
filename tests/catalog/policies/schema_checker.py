"""A checker of the part of JSON Schema (draft 2020-12) in which our schemas are written."""

import re
from collections.abc import Iterator, Mapping
from decimal import Decimal
from typing import Any

_TYPES: Mapping[str, tuple[type, ...]] = {
    "object": (dict,),
    "array": (list,),
    "string": (str,),
    "boolean": (bool,),
    "integer": (int,),
    "number": (int, Decimal),
    "null": (type(None),),
}
_KNOWN = {
    "$schema", "$id", "title", "description", "type", "required", "additionalProperties",
    "properties", "patternProperties", "propertyNames", "pattern", "minLength", "items",
    "uniqueItems", "anyOf", "const", "enum", "minimum", "maximum",
}  # fmt: skip


def faults(schema: Mapping[str, Any], value: object, path: str = "$") -> Iterator[str]:
    """Yield the paths at which a value breaks a schema."""
    assert set(schema) <= _KNOWN, set(schema) - _KNOWN
    if not _is_of(schema, value):
        yield path
        return
    if "anyOf" in schema and all(any(faults(one, value)) for one in schema["anyOf"]):
        yield path
    if isinstance(value, dict):
        yield from _in_object(schema, value, path)
    elif isinstance(value, list):
        for index, item in enumerate(value):
            yield from faults(schema.get("items", {}), item, f"{path}[{index}]")
        if schema.get("uniqueItems") and len({repr(each) for each in value}) < len(value):
            yield path


def _is_of(schema: Mapping[str, Any], value: object) -> bool:
    kinds = schema.get("type", ())
    kinds = [kinds] if isinstance(kinds, str) else kinds
    if kinds and not any(_is_kind(kind, value) for kind in kinds):
        return False
    if "const" in schema and value != schema["const"]:
        return False
    if "enum" in schema and value not in schema["enum"]:
        return False
    if isinstance(value, str):
        fits = re.search(schema.get("pattern", ""), value) is not None
        return fits and len(value) >= schema.get("minLength", 0)
    if isinstance(value, int | Decimal):
        most = schema.get("maximum")
        return value >= schema.get("minimum", value) and (most is None or value <= most)
    return True


def _is_kind(kind: str, value: object) -> bool:
    return isinstance(value, _TYPES[kind]) and (not isinstance(value, bool) or kind == "boolean")


def _in_object(schema: Mapping[str, Any], value: dict[str, Any], path: str) -> Iterator[str]:
    yield from (f"{path}.{name}" for name in schema.get("required", ()) if name not in value)
    for name, each in value.items():
        below = f"{path}.{name}"
        named = [schema.get("properties", {})[name]] if name in schema.get("properties", {}) else []
        named += [
            inner
            for pattern, inner in schema.get("patternProperties", {}).items()
            if re.search(pattern, name)
        ]
        if "propertyNames" in schema and any(faults(schema["propertyNames"], name)):
            yield below
        others = schema.get("additionalProperties", {})
        if not named and others is False:
            yield below
        for inner in named or ([] if others is False else [others]):
            yield from faults(inner, each, below)

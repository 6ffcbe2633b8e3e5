"""JSON columns: written canonically, read back without ever making a float."""

import json
from collections.abc import Mapping, Sequence
from decimal import Decimal

from tallystick.kernel import canonical_json, check


def json_text(value: Mapping[str, object] | Sequence[object]) -> str:
    """Return the text that goes into a ``jsonb`` column."""
    return canonical_json(value).decode()


def json_object(text: str) -> dict[str, object]:
    """Return the object in a ``jsonb`` column that was selected as ``column::text``."""
    value = json.loads(text, parse_float=Decimal)
    check(isinstance(value, dict), "a JSON column holds an object")
    return dict(value)


def json_value(text: str | None) -> object:
    """Return what stands in a ``jsonb`` column that was selected as ``column::text``."""
    return None if text is None else json.loads(text, parse_float=Decimal)

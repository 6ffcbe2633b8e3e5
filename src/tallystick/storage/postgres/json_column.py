"""JSON columns, written canonically and read without ever making a float; rows as parameters."""

import json
from collections.abc import Iterable, Iterator, Mapping, Sequence
from decimal import Decimal

import msgspec

from tallystick.kernel import canonical_json, check

_ROWS = msgspec.json.Encoder(decimal_format="string")


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


def columns(rows: Iterable[Sequence[object]]) -> Iterator[list[object]]:
    """Turn rows, at least one and all of one length, into one array for each column."""
    return (list(column) for column in zip(*rows, strict=True))


def json_rows(rows: Sequence[object] | Mapping[str, object]) -> str:
    """Return rows or values as one JSON parameter, cheaper to make than arrays; amounts as text."""
    return _ROWS.encode(rows).decode()


def array_text(values: Iterable[str]) -> str:
    r"""
    Return the text of a ``text[]`` value, for a column whose rows are arrays themselves.

    >>> print(array_text(["eu", 'a "b"', "c\\d"]))
    {"eu","a \"b\"","c\\d"}
    """
    quoted = (value.replace("\\", "\\\\").replace('"', '\\"') for value in values)
    return "{" + ",".join(f'"{value}"' for value in quoted) + "}"

"""
The one byte sequence of a value, and its digest.

Two machines that hold the same facts write the same bytes: keys sorted by code point, no white
space, UTF-8 without escapes beyond what JSON demands, decimals as plain text, instants with six
fraction digits, None kept. Floats, sets and bytes have no single text and are refused.

    {"b": Decimal("1.50"), "a": None}  ->  {"a":null,"b":"1.5"}
"""

import json
from collections.abc import Mapping
from dataclasses import fields, is_dataclass
from datetime import date, datetime
from decimal import Decimal
from enum import Enum
from hashlib import sha256

import msgspec

from tallystick.kernel.errors import Misuse
from tallystick.kernel.exact import plain
from tallystick.kernel.time import instant_text


def canonical_json(value: object) -> bytes:
    """
    Return the canonical JSON of mappings, sequences, dataclasses, Structs and scalars.

    Enumerations are written by value, dates in ISO 8601, dataclasses and Structs as objects of
    their fields.

    Raises:
        Misuse: a float, a set, bytes, a key that is not text, text that is not Unicode, or an
            unknown type.

    Example:
        >>> canonical_json({"price": Decimal("0.0500"), "day": date(2026, 1, 31), "note": None})
        b'{"day":"2026-01-31","note":null,"price":"0.05"}'
    """
    text = json.dumps(
        _plain_value(value), ensure_ascii=False, sort_keys=True, separators=(",", ":")
    )
    try:
        return text.encode()
    except UnicodeEncodeError as error:
        raise Misuse("text with a lone surrogate has no canonical form") from error


def canonical_struct(value: msgspec.Struct) -> bytes:
    """
    Return the canonical JSON of a Struct that holds every value as JSON has it, as wire shapes do.

    The same bytes as `canonical_json` gives of it, ten times as fast: text, whole numbers, dates,
    enumerations, None, and Structs, lists and mappings of these are written as they stand. What has
    a text of its own there (decimals, instants) is text already.

    Raises:
        Misuse: text that is not Unicode.

    Example:
        >>> class Day(msgspec.Struct):
        ...     on: date
        ...     count: int
        >>> canonical_struct(Day(on=date(2026, 1, 31), count=2))
        b'{"count":2,"on":"2026-01-31"}'
    """
    try:
        return msgspec.json.encode(value, order="sorted")
    except UnicodeEncodeError as error:
        raise Misuse("text with a lone surrogate has no canonical form") from error


def digest(value: object) -> str:
    """
    Return ``sha256:`` and the hexadecimal digest of bytes, or of a value's canonical JSON.

    Example:
        >>> digest(b"")[:20] == "sha256:e3b0c44298fc1", digest({"a": 1}) == digest(b'{"a":1}')
        (True, True)
    """
    content = value if isinstance(value, bytes) else canonical_json(value)
    return f"sha256:{sha256(content).hexdigest()}"


def _plain_value(value: object) -> object:
    """Return a value in the types that JSON has."""
    match value:
        case Enum():
            plain_value = _plain_value(value.value)
        case None | str() | int():
            plain_value = value
        case Decimal():
            plain_value = plain(value)
        case datetime():
            plain_value = instant_text(value)
        case date():
            plain_value = value.isoformat()
        case Mapping():
            plain_value = {_key(key): _plain_value(item) for key, item in value.items()}
        case list() | tuple():
            plain_value = [_plain_value(item) for item in value]
        case _:
            plain_value = {name: _plain_value(getattr(value, name)) for name in _field_names(value)}
    return plain_value


def _key(key: object) -> str:
    if isinstance(key, str):
        return str(key.value) if isinstance(key, Enum) else key
    raise Misuse(f"{key!r} cannot be a key of a JSON object")


def _field_names(value: object) -> tuple[str, ...]:
    if isinstance(value, msgspec.Struct):
        return value.__struct_fields__
    if is_dataclass(value) and not isinstance(value, type):
        # What a dataclass derives from its other fields (init=False) adds nothing to its value.
        return tuple(field.name for field in fields(value) if field.init)
    raise Misuse(f"a {type(value).__name__} has no canonical form")

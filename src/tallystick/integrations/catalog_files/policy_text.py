"""Writes a quota policy as YAML: one field a line, numbers in the scale that they have."""

import json
from collections.abc import Iterator, Mapping
from decimal import Decimal

from tallystick.integrations.catalog_files.scalars import value_of

_STEP = "  "


def policy_text(document: Mapping[str, object]) -> str:
    """
    Return YAML in the order of a policy; what it is read back as is the same.

    Args:
        document: mappings, lists of texts, texts, whole numbers, decimals and flags.

    >>> text = policy_text({"plan_name": "Pro 2", "billing": {"base_price": Decimal("299.00")}})
    >>> print(text, end="")
    plan_name: "Pro 2"
    billing:
      base_price: 299.00
    """
    return "".join(f"{line}\n" for line in _lines(document, ""))


def _lines(document: Mapping[str, object], indent: str) -> Iterator[str]:
    for name, value in document.items():
        if isinstance(value, Mapping) and value:
            yield f"{indent}{name}:"
            yield from _lines(value, indent + _STEP)
        elif isinstance(value, list | tuple) and value:
            yield f"{indent}{name}:"
            yield from (f"{indent}{_STEP}- {_scalar(each)}" for each in value)
        else:
            yield f"{indent}{name}: {_scalar(value)}"


def _scalar(value: object) -> str:
    match value:
        case bool():
            return "true" if value else "false"
        case Decimal():
            return format(value, "f")
        case int():
            return str(value)
        case Mapping() | list() | tuple():
            return "{}" if isinstance(value, Mapping) else "[]"
        case _:
            return _quoted(str(value))


def _quoted(text: str) -> str:
    """Return a word as it is, and all else in quotes, as JSON has them, which YAML reads too."""
    is_word = text.isascii() and text.replace("_", "").isalnum() and value_of(text) == text
    return text if is_word else json.dumps(text, ensure_ascii=True)

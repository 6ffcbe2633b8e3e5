"""
What an unquoted word in a file is: YAML's core schema, without its surprises.

| written | read as |
|---|---|
| nothing, `~`, `null` | nothing |
| `true`, `false` (also `True`, `TRUE`) | a flag; `yes`, `no`, `on`, `off` stay text |
| `42`, `-7` | a whole number; `007` and `1_000` stay text |
| `0.05`, `1e-3` | a decimal, from its text: never through a binary float |
| `2026-01-31`, anything else | text |
"""

import re
from decimal import Decimal

_WORDS: dict[str, bool | None] = {
    "": None,
    "~": None,
    "null": None,
    "Null": None,
    "NULL": None,
    "true": True,
    "True": True,
    "TRUE": True,
    "false": False,
    "False": False,
    "FALSE": False,
}
_WHOLE = re.compile(r"-?(0|[1-9][0-9]{0,39})")
_DECIMAL = re.compile(r"-?(0|[1-9][0-9]{0,39})(\.[0-9]{1,40})?([eE][+-]?[0-9]{1,3})?")


def value_of(text: str) -> str | int | Decimal | bool | None:
    """
    Give the value of an unquoted word.

    >>> value_of("0.10"), value_of("10"), value_of("no"), value_of("2026-01-31"), value_of("~")
    (Decimal('0.10'), 10, 'no', '2026-01-31', None)
    """
    if text in _WORDS:
        return _WORDS[text]
    if _WHOLE.fullmatch(text):
        return int(text)
    if _DECIMAL.fullmatch(text):
        return Decimal(text)
    return text

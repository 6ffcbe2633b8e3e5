"""
Pseudonyms: what stands at rest in the place of a personal value.

A pseudonym is a commitment, HMAC-SHA-256 of the value under a salt of its own (256 random bits).
While text and salt are kept, the same value gives the same pseudonym, so that whoever counts,
filters or groups by it sees what he would see of the value. Once they are destroyed nobody, not
even who holds everything else, can tell from it what the value was, or confirm a guess.
"""

import hmac
import json
import re
from base64 import urlsafe_b64encode
from decimal import Decimal

import msgspec

from tallystick.kernel import Misuse, check, parse_decimal, plain

PREFIX = "psn_"
SALT_BYTES = 32
_SORTED = msgspec.json.Encoder(order="sorted")
_PSEUDONYM = re.compile(r"psn_[A-Za-z0-9_-]{43}")


def pseudonym_of(content: str, *, salt: bytes) -> str:
    """
    Return the pseudonym of a value under its salt: `psn_` and 43 letters, digits, `-` and `_`.

    Args:
        content: the value as `content_of` writes it.
        salt: 32 bytes that nobody else has.

    Example:
        >>> pseudonym_of('"jane@example.com"', salt=bytes(32))
        'psn_aA4GGjS3cIB_zPQW_gnkBjCJSEOhLt6zkEVCLYyaBhI'
    """
    check(len(salt) == SALT_BYTES, "a salt has 32 bytes")
    code = hmac.digest(salt, content.encode(), "sha256")
    return PREFIX + urlsafe_b64encode(code).decode().rstrip("=")


def is_pseudonym(text: str) -> bool:
    """Tell whether a text has the form of a pseudonym; such a one is never committed again."""
    return _PSEUDONYM.fullmatch(text) is not None


def content_of(value: bytes) -> str:
    """
    Return a JSON value in the one spelling in which it is kept and committed to.

    Members are sorted, numbers plain and without zeros at the end: values that mean the same have
    one spelling. What has none (half of a surrogate pair, a number of too many digits) stays as it
    was written.

    Example:
        >>> content_of(b'{"b": 1.50, "a": null}')
        '{"a":null,"b":1.5}'
    """
    if value.startswith(b'"') and b"\\" not in value:
        return value.decode()
    try:
        read = json.loads(value, parse_float=parse_decimal, parse_int=parse_decimal)
        return _SORTED.encode(_plain(read)).decode()
    except (Misuse, UnicodeEncodeError, RecursionError):
        return value.decode()


def _plain(value: object) -> object:
    """Return a value whose numbers are written out."""
    if isinstance(value, dict):
        return {name: _plain(member) for name, member in value.items()}
    if isinstance(value, list):
        return [_plain(item) for item in value]
    return msgspec.Raw(plain(value).encode()) if isinstance(value, Decimal) else value

"""
Typed ids and keys.

Catalog objects are known by natural keys (``acme``, ``pro``) that never change; a key is the id.
What is derived from facts gets a derived id: the same facts give the same id on any machine.
"""

import re
from hashlib import sha256
from typing import NewType

WorkspaceId = NewType("WorkspaceId", str)
AccountKey = NewType("AccountKey", str)
ResourceKey = NewType("ResourceKey", str)
MeterKey = NewType("MeterKey", str)
PlanKey = NewType("PlanKey", str)
PriceKey = NewType("PriceKey", str)
SubscriptionKey = NewType("SubscriptionKey", str)
InvoiceId = NewType("InvoiceId", str)
EntryId = NewType("EntryId", str)

KEY_PATTERN = r"^[A-Za-z0-9][A-Za-z0-9._:@/-]{0,127}$"
DIGEST_LENGTH = 20

# fullmatch, because $ would let a trailing newline pass.
_KEY = re.compile(KEY_PATTERN.strip("^$"))


def is_key(text: str) -> bool:
    """
    Say whether a text may be a key.

    That is 1 to 128 of ``A-Z a-z 0-9 . _ : @ / -``, the first a letter or digit.

    Example:
        >>> is_key("acme/eu-1"), is_key("-acme"), is_key("")
        (True, False, False)
    """
    return _KEY.fullmatch(text) is not None


def derived_id(prefix: str, *parts: str) -> str:
    """
    Return an id that depends on nothing but its parts and their order.

    The prefix, an underscore, and 20 hexadecimal digits of the SHA-256 of the parts, each preceded
    by its length in UTF-8 bytes, so that ("ab", "c") and ("a", "bc") differ.

    Example:
        >>> derived_id("line", "acme", "2026-01")
        'line_8628e29b44d28633808b'
    """
    state = sha256()
    for part in parts:
        content = part.encode()
        state.update(b"%d:%b," % (len(content), content))
    return f"{prefix}_{state.hexdigest()[:DIGEST_LENGTH]}"

"""
The form of a quota policy: in which order its fields stand, and how its numbers are written.

    ("plan_id", "pro")   ("entitlements.max_users", "50")   ("billing.base_price", "299.00")

A plan version keeps the form of the policy from which it was made, so that the policy comes out as
it went in.  It is no part of what was sold: versions that differ in it alone are the same.
"""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, replace
from decimal import Decimal

from tallystick.kernel import Misuse, parse_decimal

Form = tuple[tuple[str, str], ...]
LISTED = "[]"


@dataclass(frozen=True, slots=True, kw_only=True)
class Leaf:
    """
    One field of a policy.

    Attributes:
        path: as ``billing.base_price``; of an item of a list ``entitlements.features[]``.
        value: a text, number or flag.
        optional: whether it says only what holds without it; it is written where the form has it.
    """

    path: str
    value: object
    optional: bool = False


def form_of(document: Mapping[str, object], path: str = "") -> Form:
    """
    Return the form of a policy.

    Example:
        >>> form_of({"plan_id": "pro", "billing": {"base_price": Decimal("299.00")}})
        (('plan_id', 'pro'), ('billing.base_price', '299.00'))
    """
    return tuple(_leaves(document, path))


def document_of(leaves: Iterable[Leaf], form: Form) -> dict[str, object]:
    """Return the policy that holds leaves, in the order of a form as far as it has them."""
    named = {(one.path, _key(one)): one for one in leaves}
    places: dict[tuple[str, str], str] = {}
    for path, text in form:
        places[path, text if path.endswith(LISTED) else ""] = text
    found = [_as_written(named[place], text) for place, text in places.items() if place in named]
    found += [one for place, one in named.items() if place not in places and not one.optional]
    document: dict[str, object] = {}
    for leaf in found:
        _put(document, leaf)
    return document


def _key(leaf: Leaf) -> str:
    return str(leaf.value) if leaf.path.endswith(LISTED) else ""


def _leaves(document: Mapping[str, object], path: str) -> Iterator[tuple[str, str]]:
    for name, value in document.items():
        below = f"{path}.{name}" if path else str(name)
        if isinstance(value, Mapping):
            yield from _leaves(value, below)
        elif isinstance(value, list | tuple):
            yield from ((below + LISTED, _text(each)) for each in value)
        elif value is not None:
            yield below, _text(value)


def _text(value: object) -> str:
    if isinstance(value, bool):
        return "true" if value else "false"
    return format(value, "f") if isinstance(value, Decimal) else str(value)


def _as_written(leaf: Leaf, text: str) -> Leaf:
    """Return a leaf with its number as it was written, where that is the same number."""
    if not isinstance(leaf.value, Decimal):
        return leaf
    try:
        number = parse_decimal(text)
    except Misuse:
        return leaf
    return replace(leaf, value=Decimal(text)) if number == leaf.value else leaf


def _put(document: dict[str, object], leaf: Leaf) -> None:
    *around, name = leaf.path.removesuffix(LISTED).split(".")
    inner = document
    for step in around:
        found = inner.setdefault(step, {})
        if isinstance(found, dict):
            inner = found
    if leaf.path.endswith(LISTED):
        items = inner.setdefault(name, [])
        if isinstance(items, list):
            items.append(leaf.value)
    else:
        inner[name] = _plain(leaf.value)


def _plain(value: object) -> object:
    """Return whole numbers that are written without a point as such."""
    if not isinstance(value, Decimal):
        return value
    text = format(value, "f")
    return value if "." in text else int(text)

"""
A naive evaluator: None is undefined, kinds are found by looking at values, numbers are fractions.

It imports the tree's shapes and nothing else of the package.
"""

import re
from decimal import Decimal
from fractions import Fraction
from math import ceil, floor
from typing import Any

from tallystick.expressions import Binary, Call, Choice, Kind, Literal, Name, Node, OneOf, Unary

Readings = dict[tuple[str, ...], str]


def naive(node: Node, readings: Readings) -> Any:  # noqa: ANN401, PLR0911 (a number, text, truth or None; a return for each)
    """Return the value of a typed tree, or None."""
    if isinstance(node, Literal):
        return Fraction(node.value) if isinstance(node.value, Decimal) else node.value
    if isinstance(node, Name):
        return _read(readings[node.path], node.kind)
    if isinstance(node, Choice):
        condition = naive(node.condition, readings)
        return (
            None
            if condition is None
            else naive(node.then if condition else node.otherwise, readings)
        )
    if isinstance(node, Call) and node.function == "exists":
        (name,) = node.arguments
        assert isinstance(name, Name)
        return bool(readings[name.path])
    if isinstance(node, Call) and node.function == "coalesce":
        found = [naive(each, readings) for each in node.arguments]
        return next((each for each in found if each is not None and each != ""), found[-1])
    if isinstance(node, Binary) and node.operator in {"and", "or"}:
        left = naive(node.left, readings)
        decided = {"and": False, "or": True}[node.operator]
        return left if left is None or left is decided else naive(node.right, readings)
    return _strict(node, readings)


def _strict(node: Node, readings: Readings) -> Any:  # noqa: ANN401 (as above)
    """Evaluate what is undefined as soon as any part of it is."""
    if isinstance(node, Unary):
        parts = [node.operand]
    elif isinstance(node, Binary):
        parts = [node.left, node.right]
    elif isinstance(node, OneOf):
        parts = [node.item, *node.choices]
    else:
        assert isinstance(node, Call)
        parts = list(node.arguments)
    values = [naive(part, readings) for part in parts]
    if None in values:
        return None
    if isinstance(node, OneOf):
        return values[0] in values[1:]
    name = node.function if isinstance(node, Call) else node.operator
    if name == "/" and values[1] == 0:
        return None
    if len(values) == 1 and name == "-":
        return -values[0]
    return _APPLY[name](*values)


def _read(text: str, kind: Kind | None) -> Any:  # noqa: ANN401 (as above)
    if kind is Kind.NUMBER:
        return Fraction(text) if re.fullmatch(r"-?\d+(\.\d+)?", text) else None
    if kind is Kind.TRUTH:
        return {"true": True, "false": False}.get(text)
    return text


def _half_away(value: Fraction, places: Fraction = Fraction(0)) -> Fraction:
    shifted = value * Fraction(10) ** int(places)
    near = floor(abs(shifted) + Fraction(1, 2))
    return Fraction(near if value > 0 else -near) / Fraction(10) ** int(places)


def _to(step: Any, value: Fraction, places: Fraction = Fraction(0)) -> Fraction:  # noqa: ANN401 (floor or ceil)
    return Fraction(step(value * Fraction(10) ** int(places))) / Fraction(10) ** int(places)


_APPLY: dict[str, Any] = {
    "+": lambda a, b: a + b,
    "-": lambda a, b: a - b,
    "*": lambda a, b: a * b,
    "/": lambda a, b: a / b,
    "==": lambda a, b: a == b,
    "!=": lambda a, b: a != b,
    "<": lambda a, b: a < b,
    "<=": lambda a, b: a <= b,
    ">": lambda a, b: a > b,
    ">=": lambda a, b: a >= b,
    "not": lambda a: not a,
    "min": min,
    "max": max,
    "abs": abs,
    "round": _half_away,
    "floor": lambda *parts: _to(floor, *parts),
    "ceil": lambda *parts: _to(ceil, *parts),
    "concat": lambda *texts: "".join(texts),
    # ASCII alone: of bytes, Python changes no other.
    "lower": lambda text: text.encode().lower().decode(),
    "upper": lambda text: text.encode().upper().decode(),
    "length": lambda text: Fraction(len(text)),
    "starts_with": lambda text, part: text[: len(part)] == part,
    "ends_with": lambda text, part: part == "" or text[-len(part) :] == part,
    "contains": lambda text, part: part in text,
}

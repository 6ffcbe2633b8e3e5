"""
Evaluating an expression, exactly.

Numbers are fractions, so no step rounds: ``x / 3 * 3 == x``. What cannot be evaluated is a value
too, `Undefined`, and makes whatever is made of it undefined, except where it is not needed: behind
a false ``and``, behind a true ``or``, in the branch not chosen, and in ``coalesce``.
"""

import re
from collections.abc import Callable
from dataclasses import dataclass
from decimal import Decimal
from fractions import Fraction
from typing import TypeAlias, cast

from tallystick.expressions.functions import FUNCTIONS
from tallystick.expressions.limits import (
    BITS_MAX,
    FRACTION_DIGITS_MAX,
    INTEGER_DIGITS_MAX,
    TEXT_LENGTH_MAX,
)
from tallystick.expressions.syntax import (
    Binary,
    Call,
    Choice,
    Kind,
    Literal,
    Name,
    Node,
    OneOf,
    Unary,
)

Value: TypeAlias = Fraction | str | bool
Lookup: TypeAlias = Callable[[tuple[str, ...]], str | Fraction]
"""Gives the text at a path (empty for nothing there), or a number that is known as one."""

_NUMBER = re.compile(rf"-?[0-9]{{1,{INTEGER_DIGITS_MAX}}}(\.[0-9]{{1,{FRACTION_DIGITS_MAX}}})?")


@dataclass(frozen=True, slots=True, kw_only=True)
class Undefined:
    """
    Why an expression has no value.

    Attributes:
        code: missing, not_a_number, not_a_truth, division_by_zero, too_large.
        at: index of the character where that arose, from 0.
    """

    code: str
    at: int


class _Stop(Exception):
    def __init__(self, code: str, node: Node) -> None:
        super().__init__(code)
        self.reason = Undefined(code=code, at=node.at)


def evaluate(node: Node, lookup: Lookup) -> Value | Undefined:
    """
    Return the value of a typed tree.

    Example:
        >>> from tallystick.expressions.grammar import parse_tree
        >>> from tallystick.expressions.kinds import typed
        >>> tree = typed(parse_tree("n / 3 + 1"), Kind.NUMBER)
        >>> evaluate(tree, lambda path: "7")
        Fraction(10, 3)
        >>> evaluate(tree, lambda path: "seven").code
        'not_a_number'
    """
    try:
        return _value(node, lookup)
    except _Stop as stop:
        return stop.reason


def _value(node: Node, lookup: Lookup) -> Value:  # noqa: PLR0911 (one return for each kind of node)
    match node:
        case Literal():
            return Fraction(node.value) if isinstance(node.value, Decimal) else node.value
        case Name():
            return _read(node, lookup)
        case Unary():
            operand = _value(node.operand, lookup)
            return not operand if node.operator == "not" else -_number(operand)
        case Binary():
            return _binary(node, lookup)
        case OneOf():
            item = _value(node.item, lookup)
            return any([item == _value(choice, lookup) for choice in node.choices])  # noqa: C419 (all are evaluated, so that one that is undefined always shows)
        case Choice():
            chosen = node.then if _value(node.condition, lookup) else node.otherwise
            return _value(chosen, lookup)
        case Call():
            return _call(node, lookup)


def _read(node: Name, lookup: Lookup) -> Value:
    found = lookup(node.path)
    if isinstance(found, Fraction):
        return found
    if node.kind is Kind.NUMBER:
        if _NUMBER.fullmatch(found) is None:
            raise _Stop("not_a_number" if found else "missing", node)
        return Fraction(found)
    if node.kind is Kind.TRUTH:
        if found not in {"true", "false"}:
            raise _Stop("not_a_truth" if found else "missing", node)
        return found == "true"
    return found


def _binary(node: Binary, lookup: Lookup) -> Value:
    left = _value(node.left, lookup)
    if node.operator == "and":
        return bool(left) and _value(node.right, lookup)
    if node.operator == "or":
        return bool(left) or _value(node.right, lookup)
    right = _value(node.right, lookup)
    if node.operator in _COMPARE:
        return _COMPARE[node.operator](left, right)
    one, other = _number(left), _number(right)
    if node.operator == "/" and not other:
        raise _Stop("division_by_zero", node)
    return _sized(_COMPUTE[node.operator](one, other), node)


def _call(node: Call, lookup: Lookup) -> Value:
    if node.function == "exists":
        return lookup(cast("Name", node.arguments[0]).path) != ""
    if node.function == "coalesce":
        return _first(node, lookup)
    apply = FUNCTIONS[node.function].apply
    values = [_value(argument, lookup) for argument in node.arguments]
    result: Value = cast("Callable[..., Value]", apply)(*values)
    return _sized(result, node)


def _first(node: Call, lookup: Lookup) -> Value:
    """Return the first argument that is there; where none is, what the last one is."""
    *others, last = node.arguments
    for argument in others:
        value = evaluate(argument, lookup)
        if not isinstance(value, Undefined) and value != "":
            return value
    return _value(last, lookup)


def _sized(value: Value, node: Node) -> Value:
    if isinstance(value, str):
        fits = len(value) <= TEXT_LENGTH_MAX
    else:
        number = _number(value)
        fits = max(number.numerator.bit_length(), number.denominator.bit_length()) <= BITS_MAX
    if not fits:
        raise _Stop("too_large", node)
    return value


def _number(value: Value) -> Fraction:
    """Narrow what kinds have already made sure of."""
    return cast("Fraction", value)


_COMPUTE: dict[str, Callable[[Fraction, Fraction], Fraction]] = {
    "+": lambda one, other: one + other,
    "-": lambda one, other: one - other,
    "*": lambda one, other: one * other,
    "/": lambda one, other: one / other,
}
_COMPARE: dict[str, Callable[..., bool]] = {
    "==": lambda one, other: one == other,
    "!=": lambda one, other: one != other,
    "<": lambda one, other: one < other,
    "<=": lambda one, other: one <= other,
    ">": lambda one, other: one > other,
    ">=": lambda one, other: one >= other,
}

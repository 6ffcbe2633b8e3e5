"""
Writing a tree as text, in one way, with no parentheses but those that are needed.

Reading what was written gives an equal tree.
"""

import re
from decimal import Decimal

from tallystick.expressions.syntax import (
    Binary,
    Call,
    Choice,
    Literal,
    Name,
    Node,
    OneOf,
    Unary,
)
from tallystick.kernel import InvariantBroken, plain

_WORD = re.compile(r"[A-Za-z_][A-Za-z0-9_]*")
# How tightly an operator binds; what binds less than its place needs is put in parentheses.
_CHOICE, _OR, _AND, _NOT, _COMPARISON, _SUM, _PRODUCT, _SIGN, _SINGLE = range(9)
_BINDING = {
    "or": _OR,
    "and": _AND,
    **dict.fromkeys(("==", "!=", "<", "<=", ">", ">="), _COMPARISON),
    "+": _SUM,
    "-": _SUM,
    "*": _PRODUCT,
    "/": _PRODUCT,
}


def write(node: Node) -> str:  # noqa: PLR0911 (one return for each kind of node)
    """
    Return the text of a tree.

    Example:
        >>> from tallystick.expressions.grammar import parse_tree
        >>> write(parse_tree("((1)+2)*-data['x y']"))
        '(1 + 2) * -data["x y"]'
    """
    match node:
        case Literal(value=bool(truth)):
            return "true" if truth else "false"
        case Literal(value=str(text)):
            return _quoted(text)
        case Literal(value=Decimal() as number):
            return plain(number)
        case Name():
            return _path(node.path)
        case Unary():
            return _unary(node)
        case Binary():
            binding = _BINDING[node.operator]
            # Comparisons do not chain: both sides bind tighter.
            left = _inside(node.left, binding + (binding == _COMPARISON))
            return f"{left} {node.operator} {_inside(node.right, binding + 1)}"
        case OneOf():
            return f"{_inside(node.item, _SUM)} in ({', '.join(map(write, node.choices))})"
        case Choice():
            branches = write(node.then), write(node.otherwise)
            return f"if {write(node.condition)} then {branches[0]} else {branches[1]}"
        case Call():
            return f"{node.function}({', '.join(map(write, node.arguments))})"
        case _:
            raise InvariantBroken(f"no text for {node!r}")


def _unary(node: Unary) -> str:
    if node.operator == "not":
        return f"not {_inside(node.operand, _NOT)}"
    return f"-{_inside(node.operand, _SIGN)}"


def _inside(node: Node, least: int) -> str:
    text = write(node)
    return text if _binding(node) >= least else f"({text})"


def _binding(node: Node) -> int:
    match node:
        case Binary():
            return _BINDING[node.operator]
        case Unary():
            return _NOT if node.operator == "not" else _SIGN
        case OneOf():
            return _COMPARISON
        case Choice():
            return _CHOICE
        case _:
            return _SINGLE


def _path(path: tuple[str, ...]) -> str:
    first, *others = path
    parts = (f".{part}" if _WORD.fullmatch(part) else f"[{_quoted(part)}]" for part in others)
    return first + "".join(parts)


def _quoted(text: str) -> str:
    escaped = text.replace("\\", "\\\\").replace('"', '\\"')
    return f'"{escaped}"'

"""
The tree of an expression: what a person wrote, as values.

Each node knows where in the text it began (``at``, from 0), which never takes part in comparing:
two texts that mean the same are equal trees.
"""

from collections.abc import Iterator
from dataclasses import dataclass, field
from decimal import Decimal
from enum import StrEnum
from typing import TypeAlias


class Kind(StrEnum):
    """What a value is."""

    NUMBER = "number"
    TEXT = "text"
    TRUTH = "truth"


@dataclass(frozen=True, slots=True, kw_only=True)
class Literal:
    """A number, a text, or ``true`` and ``false``, as written."""

    value: Decimal | str | bool
    at: int = field(default=0, compare=False)


@dataclass(frozen=True, slots=True, kw_only=True)
class Name:
    """
    A value from outside, by its path: ``data.tokens.input``.

    Attributes:
        path: names from the outermost inwards, at least one.
        kind: what it is read as, decided by where it stands; None before that was found out.
        at: where it stands.
    """

    path: tuple[str, ...]
    kind: Kind | None = None
    at: int = field(default=0, compare=False)


@dataclass(frozen=True, slots=True, kw_only=True)
class Unary:
    """``-`` of a number, or ``not`` of a truth."""

    operator: str
    operand: "Node"
    at: int = field(default=0, compare=False)


@dataclass(frozen=True, slots=True, kw_only=True)
class Binary:
    """
    Two operands with ``+ - * / == != < <= > >= and or`` between them.

    ``of`` says what the operands of ``==`` and ``!=`` are compared as.
    """

    operator: str
    left: "Node"
    right: "Node"
    of: Kind | None = None
    at: int = field(default=0, compare=False)


@dataclass(frozen=True, slots=True, kw_only=True)
class OneOf:
    """``item in (choice, ...)``: whether an item equals one of the choices, compared as ``of``."""

    item: "Node"
    choices: tuple["Node", ...]
    of: Kind | None = None
    at: int = field(default=0, compare=False)


@dataclass(frozen=True, slots=True, kw_only=True)
class Choice:
    """``if condition then one else another``; only the chosen branch is evaluated."""

    condition: "Node"
    then: "Node"
    otherwise: "Node"
    at: int = field(default=0, compare=False)


@dataclass(frozen=True, slots=True, kw_only=True)
class Call:
    """A function with its arguments; ``of`` says what those of ``coalesce`` are."""

    function: str
    arguments: tuple["Node", ...]
    of: Kind | None = None
    at: int = field(default=0, compare=False)


Node: TypeAlias = Literal | Name | Unary | Binary | OneOf | Choice | Call


def parts_of(node: Node) -> tuple[Node, ...]:
    """
    Return what stands directly inside a node, from left to right.

    Example:
        >>> parts_of(Literal(value=True))
        ()
    """
    match node:
        case Unary():
            return (node.operand,)
        case Binary():
            return (node.left, node.right)
        case OneOf():
            return (node.item, *node.choices)
        case Choice():
            return (node.condition, node.then, node.otherwise)
        case Call():
            return node.arguments
        case Literal() | Name():
            return ()


def names_in(node: Node) -> Iterator[Name]:
    """Yield every name of a tree, from left to right."""
    if isinstance(node, Name):
        yield node
    for part in parts_of(node):
        yield from names_in(part)

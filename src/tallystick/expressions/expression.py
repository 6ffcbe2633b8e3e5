"""
Expressions: read once, checked, then evaluated as often as wanted.

    (data.input + 3 * data.output) / 1000
    if data.status in ("200", "206") then data.bytes else 0
"""

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import TypeAlias

from tallystick.expressions.evaluate import Lookup, Undefined, Value, evaluate
from tallystick.expressions.fault import Fault
from tallystick.expressions.grammar import parse_tree
from tallystick.expressions.kinds import typed
from tallystick.expressions.limits import LENGTH_MAX
from tallystick.expressions.syntax import Kind, Name, Node, names_in
from tallystick.expressions.writing import write
from tallystick.kernel import Done, Outcome, Refused, refuse

KnownName: TypeAlias = Callable[[tuple[str, ...]], str]
"""Says what is wrong with the path of a name; an empty text for nothing."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Expression:
    """
    An expression that is sound; equal to another one that means the same text.

    Attributes:
        text: as written by `write`: in one way, whatever white space and parentheses it had.
        kind: what its values are.
        root: its tree.
    """

    text: str
    kind: Kind
    root: Node = field(compare=False, repr=False)

    @property
    def names(self) -> tuple[Name, ...]:
        """Every name in it, from left to right, as often as it stands there."""
        return tuple(names_in(self.root))

    def value(self, lookup: Lookup) -> Value | Undefined:
        """Return its value for one set of names."""
        return evaluate(self.root, lookup)


def _any_name(_path: tuple[str, ...]) -> str:
    return ""


def parse_expression(
    text: str, *, kind: Kind = Kind.NUMBER, known: KnownName = _any_name
) -> Outcome[Expression]:
    """
    Return the expression a text writes.

    Args:
        text: at most 2,000 characters.
        kind: what its values must be.
        known: says which names there are.

    Problems:
        too_long, too_deep, too_large, unexpected_character, unexpected, wrong_kind,
        unknown_function, wrong_arguments, unknown_name: one, with its character in the message.

    Example:
        >>> parse_expression("data.n*(2)").value.text
        'data.n * 2'
        >>> parse_expression("data.n * ").problems[0].message
        'expected a value, not the end, at character 10: data.n * ▸'
    """
    if len(text) > LENGTH_MAX:
        return refuse("too_long", f"an expression has at most {LENGTH_MAX} characters")
    try:
        root = typed(parse_tree(text), kind)
        _check_names(root, known)
    except Fault as fault:
        return Refused((fault.problem(text),))
    return Done(Expression(text=write(root), kind=kind, root=root))


def _check_names(root: Node, known: KnownName) -> None:
    for name in names_in(root):
        if problem := known(name.path):
            raise Fault("unknown_name", problem, name.at)

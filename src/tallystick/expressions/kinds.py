"""
Kinds: what each part of an expression must be, decided before it is ever evaluated.

A name has no kind of its own: event data says ``"5"`` or ``5`` for a number. It is read as what the
place where it stands needs: in ``data.n * 2`` as a number, in ``data.n == "ok"`` as a text, and
where nothing decides, as in ``data.a == data.b``, as a text. So ``"a" * 2`` is refused when it is
written, and ``data.n * 2`` is undefined for an event whose ``n`` is no number.
"""

from collections.abc import Iterable
from dataclasses import replace
from decimal import Decimal

from tallystick.expressions.fault import Fault
from tallystick.expressions.functions import FUNCTIONS, Function
from tallystick.expressions.limits import PLACES_MAX
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
from tallystick.kernel import nearest

ARITHMETIC = frozenset({"+", "-", "*", "/"})
_EQUALITY = frozenset({"==", "!="})
_LOGIC = frozenset({"and", "or"})


def typed(node: Node, wanted: Kind) -> Node:  # noqa: PLR0911 (one return for each kind of node)
    """
    Return a tree in which every name, and every comparison, knows its kind.

    Raises:
        Fault: a part is of another kind than its place needs, or a function is not known or gets
            the wrong arguments.

    Example:
        >>> from tallystick.expressions.grammar import parse_tree
        >>> typed(parse_tree("n + 1"), Kind.NUMBER).left.kind.value
        'number'
    """
    if isinstance(node, Name):
        return replace(node, kind=wanted)
    given = _kind(node)
    if given is not None and given is not wanted:
        raise Fault("wrong_kind", f"expected {_a(wanted)}, not {_a(given)}", node.at)
    match node:
        case Literal():
            return node
        case Unary():
            return replace(node, operand=typed(node.operand, wanted))
        case Binary():
            return _typed_binary(node)
        case OneOf():
            of = _common([node.item, *node.choices]) or Kind.TEXT
            if not node.choices:
                raise Fault("wrong_arguments", "nothing stands behind in", node.at)
            choices = tuple(typed(choice, of) for choice in node.choices)
            return replace(node, item=typed(node.item, of), choices=choices, of=of)
        case Choice():
            return replace(
                node,
                condition=typed(node.condition, Kind.TRUTH),
                then=typed(node.then, wanted),
                otherwise=typed(node.otherwise, wanted),
            )
        case Call():
            return _typed_call(node, wanted)


def _kind(node: Node) -> Kind | None:  # noqa: PLR0911 (one return for each kind of node)
    """Return the kind that a node has whatever is around it; None where that decides."""
    match node:
        case Literal(value=bool()):
            return Kind.TRUTH
        case Literal(value=Decimal()):
            return Kind.NUMBER
        case Literal():
            return Kind.TEXT
        case Name():
            return None
        case Unary():
            return Kind.TRUTH if node.operator == "not" else Kind.NUMBER
        case Binary():
            return Kind.NUMBER if node.operator in ARITHMETIC else Kind.TRUTH
        case OneOf():
            return Kind.TRUTH
        case Choice():
            return _common([node.then, node.otherwise])
        case Call():
            function = _function(node)
            return _common(node.arguments) if function.gives is None else function.gives


def _common(nodes: Iterable[Node]) -> Kind | None:
    return next((kind for node in nodes if (kind := _kind(node)) is not None), None)


def _typed_binary(node: Binary) -> Binary:
    if node.operator in _LOGIC:
        of = Kind.TRUTH
    elif node.operator in _EQUALITY:
        of = _common([node.left, node.right]) or Kind.TEXT
    else:
        of = Kind.NUMBER
    return replace(node, left=typed(node.left, of), right=typed(node.right, of), of=of)


def _typed_call(node: Call, wanted: Kind) -> Call:
    function = _function(node)
    count = len(node.arguments)
    if not function.least <= count <= function.most:
        message = f"{node.function} takes {_times(function)}, not {count}"
        raise Fault("wrong_arguments", message, node.at)
    if node.function == "exists" and not isinstance(node.arguments[0], Name):
        raise Fault("wrong_arguments", "exists takes a name such as data.bytes", node.at)
    if function.has_places and count > 1:
        _check_places(node)
    of = function.takes or wanted
    return replace(node, arguments=tuple(typed(each, of) for each in node.arguments), of=of)


def _check_places(node: Call) -> None:
    """Places are written out, so that the digits of a result are known beforehand."""
    argument = node.arguments[1]
    written = argument.operand if isinstance(argument, Unary) else argument
    places = written.value if isinstance(written, Literal) else None
    if isinstance(places, Decimal) and places <= PLACES_MAX and places == int(places):
        return
    message = f"places are a whole number from -{PLACES_MAX} to {PLACES_MAX}, written out"
    raise Fault("wrong_arguments", message, argument.at)


def _function(node: Call) -> Function:
    function = FUNCTIONS.get(node.function)
    if function is None:
        near = nearest(node.function, FUNCTIONS)
        hint = f"did you mean {near}?" if near else f"known are {', '.join(FUNCTIONS)}"
        raise Fault("unknown_function", f"no function {node.function}; {hint}", node.at)
    return function


def _times(function: Function) -> str:
    if function.least == function.most:
        return f"{function.least} argument{'s' if function.least > 1 else ''}"
    return f"{function.least} to {function.most} arguments"


def _a(kind: Kind) -> str:
    return "a truth (true or false)" if kind is Kind.TRUTH else f"a {kind.value}"

"""Random trees of each kind, with the values that their names have."""

from decimal import Decimal
from functools import cache

from hypothesis import strategies as st

from tallystick.expressions import Binary, Call, Choice, Kind, Literal, Name, Node, OneOf, Unary

PATHS = (("subject",), ("data", "b"), ("data", "x y", "in"))
TEXTS = ("", "5", "-0.50", "true", "false", "ok", 'say "\\"', "1e3", "5.0", "Ä b")


def readings() -> st.SearchStrategy[dict[tuple[str, ...], str]]:
    """What stands at each path."""
    return st.fixed_dictionaries({path: st.sampled_from(TEXTS) for path in PATHS})


def _names() -> st.SearchStrategy[Node]:
    return st.sampled_from(PATHS).map(lambda path: Name(path=path))


def _numbers(depth: int) -> st.SearchStrategy[Node]:
    written = st.decimals(0, 1000, places=2).map(lambda value: Literal(value=value))
    if not depth:
        return st.one_of(_names(), written)
    inner = trees(Kind.NUMBER, depth - 1)
    places = st.integers(-3, 3).map(
        lambda count: (
            Literal(value=Decimal(count))
            if count >= 0
            else Unary(operator="-", operand=Literal(value=Decimal(-count)))
        )
    )
    rounding = st.builds(
        lambda name, value, count: Call(function=name, arguments=(value, count)),
        st.sampled_from(["round", "floor", "ceil"]),
        inner,
        places,
    )
    return st.one_of(
        _numbers(0),
        _binaries(st.sampled_from("+-*/"), inner),
        inner.map(lambda one: Unary(operator="-", operand=one)),
        _calls(["min", "max", "coalesce"], inner),
        inner.map(lambda one: Call(function="abs", arguments=(one,))),
        rounding,
        trees(Kind.TEXT, depth - 1).map(lambda one: Call(function="length", arguments=(one,))),
        _choices(Kind.NUMBER, depth),
    )


def _texts(depth: int) -> st.SearchStrategy[Node]:
    written = st.sampled_from(TEXTS).map(lambda text: Literal(value=text))
    if not depth:
        return st.one_of(_names(), written)
    inner = trees(Kind.TEXT, depth - 1)
    return st.one_of(
        _texts(0),
        _calls(["concat", "coalesce"], inner),
        st.builds(
            lambda name, one: Call(function=name, arguments=(one,)),
            st.sampled_from(["lower", "upper"]),
            inner,
        ),
        _choices(Kind.TEXT, depth),
    )


def _truths(depth: int) -> st.SearchStrategy[Node]:
    written = st.booleans().map(lambda truth: Literal(value=truth))
    if not depth:
        return st.one_of(_names(), written)
    inner, numbers = trees(Kind.TRUTH, depth - 1), trees(Kind.NUMBER, depth - 1)
    texts = trees(Kind.TEXT, depth - 1)
    one_of = st.builds(
        lambda item, choices: OneOf(item=item, choices=tuple(choices)),
        texts,
        st.lists(texts, min_size=1, max_size=3),
    )
    return st.one_of(
        _binaries(st.sampled_from(["and", "or"]), inner),
        inner.map(lambda one: Unary(operator="not", operand=one)),
        _binaries(st.sampled_from(["<", "<=", ">", ">=", "==", "!="]), numbers),
        _binaries(st.sampled_from(["==", "!="]), texts),
        one_of,
        _calls(["starts_with", "ends_with", "contains"], texts, most=2),
        _names().map(lambda name: Call(function="exists", arguments=(name,))),
        _choices(Kind.TRUTH, depth),
    )


@cache
def trees(kind: Kind, depth: int = 3) -> st.SearchStrategy[Node]:
    """Trees of a kind, without the kinds of names."""
    made = {Kind.NUMBER: _numbers, Kind.TEXT: _texts, Kind.TRUTH: _truths}
    return st.deferred(lambda: made[kind](depth))


def _binaries(
    operators: st.SearchStrategy[str], inner: st.SearchStrategy[Node]
) -> st.SearchStrategy[Node]:
    return st.builds(
        lambda operator, left, right: Binary(operator=operator, left=left, right=right),
        operators,
        inner,
        inner,
    )


def _calls(
    names: list[str], inner: st.SearchStrategy[Node], *, most: int = 3
) -> st.SearchStrategy[Node]:
    return st.builds(
        lambda name, arguments: Call(function=name, arguments=tuple(arguments)),
        st.sampled_from(names),
        st.lists(inner, min_size=2, max_size=most),
    )


def _choices(kind: Kind, depth: int) -> st.SearchStrategy[Node]:
    return st.builds(
        lambda condition, then, otherwise: Choice(
            condition=condition, then=then, otherwise=otherwise
        ),
        trees(Kind.TRUTH, depth - 1),
        trees(kind, depth - 1),
        trees(kind, depth - 1),
    )

"""
The tree of an expression as SQL: for each part its value, and whether it is defined.

This is `tallystick.expressions` once more: what is undefined there for an event is not defined here
for its row, and the values are equal. Each step gets a name in the query, so that the statement
grows with the expression and not with its nesting.
"""

from collections.abc import Callable
from dataclasses import dataclass, replace
from decimal import Decimal
from typing import TypeAlias, cast

from tallystick.expressions import (
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
from tallystick.metering import VALUE_PATTERN
from tallystick.storage.clickhouse.bindings import Bindings
from tallystick.storage.clickhouse.expressions.numbers import (
    FIELD_BOUND,
    FIELD_PLACES,
    Define,
    Number,
    TooWide,
    added,
    chosen,
    compared,
    divided,
    literal,
    multiplied,
    negated,
    reciprocal,
    to_places,
)

TEXT_LENGTH_MAX = 65_536
# More characters than any event has.
_LENGTH_BOUND = 10**12
_COMPARISONS = {"==": "=", "!=": "!=", "<": "<", "<=": "<=", ">": ">", ">=": ">="}
_TESTS = {
    "starts_with": "startsWith({}, {})",
    "ends_with": "endsWith({}, {})",
    "contains": "position({}, {}) > 0",
}
_ALWAYS = "1"

TextAt: TypeAlias = Callable[[tuple[str, ...], Bindings], str]
"""Gives the SQL of the text at a path; empty for what is missing, an array or an object."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Sql:
    """
    A part of an expression.

    Attributes:
        value: a number; or the SQL of a text, or of a truth (0 or 1).
        defined: SQL of whether it has a value.
    """

    value: Number | str
    defined: str

    @property
    def number(self) -> Number:
        """The value, which kinds have made sure is a number."""
        return cast("Number", self.value)

    @property
    def text(self) -> str:
        """The SQL of a text or truth, which kinds have made sure it is."""
        return cast("str", self.value)


class Compiler:
    """
    Compiles the expressions of one query.

    Attributes:
        columns: what the query must select for them, each with its name.
    """

    def __init__(self, bind: Bindings, text_at: TextAt) -> None:
        self.columns: list[str] = []
        self._bind = bind
        self._text_at = text_at
        self._names: dict[str, str] = {}
        self._texts: dict[tuple[str, ...], str] = {}

    def define(self, sql: str) -> str:
        """Give an SQL expression a name; equal ones share it."""
        if sql not in self._names:
            self._names[sql] = f"x_{len(self._names)}"
            self.columns.append(f"{sql} AS {self._names[sql]}")
        return self._names[sql]

    def compile(self, node: Node) -> Sql:  # noqa: PLR0911 (one return for each kind of node)
        """
        Return a typed tree as SQL.

        Raises:
            TooWide: a step could need more than 256 bits.
        """
        match node:
            case Literal():
                return _literal(node, self._bind)
            case Name():
                return self._name(node)
            case Unary():
                operand = self.compile(node.operand)
                if node.operator == "not":
                    return Sql(value=f"(NOT {operand.text})", defined=operand.defined)
                return Sql(value=negated(operand.number), defined=operand.defined)
            case Binary():
                return self._binary(node)
            case OneOf():
                return self._one_of(node)
            case Choice():
                return self._choice(node)
            case Call():
                return self._call(node)

    def _name(self, node: Name) -> Sql:
        if node.path not in self._texts:
            self._texts[node.path] = self.define(self._text_at(node.path, self._bind))
        text = self._texts[node.path]
        if node.kind is Kind.TEXT:
            return Sql(value=text, defined=_ALWAYS)
        if node.kind is Kind.TRUTH:
            return Sql(value=f"({text} = 'true')", defined=f"({text} IN ('true', 'false'))")
        pattern = self._bind.text(f"^{VALUE_PATTERN}$")
        is_number = self.define(f"match({text}, {pattern})")
        digits = f"toDecimal256(if({is_number}, {text}, '0'), {FIELD_PLACES})"
        number = Number(
            numerator=self.define(f"reinterpretAsInt256({digits})"),
            bound=FIELD_BOUND,
            places=FIELD_PLACES,
        )
        return Sql(value=number, defined=is_number)

    def _binary(self, node: Binary) -> Sql:
        left, right = self.compile(node.left), self.compile(node.right)
        if node.operator in {"and", "or"}:
            truth = self.define(left.text)
            decided = f"NOT {truth}" if node.operator == "and" else truth
            defined = self._both(left.defined, f"({decided} OR {right.defined})")
            value = self.define(f"{truth} {node.operator.upper()} {right.text}")
            return Sql(value=value, defined=defined)
        defined = self._both(left.defined, right.defined)
        if node.operator in _COMPARISONS:
            operator = _COMPARISONS[node.operator]
            return Sql(value=self.define(_compare(left, operator, right)), defined=defined)
        one, other = left.number, right.number
        if node.operator == "*":
            return Sql(value=multiplied(one, other, self.define), defined=defined)
        if node.operator in {"+", "-"}:
            made = added(one, other, self.define, minus=node.operator == "-")
            return Sql(value=made, defined=defined)
        if (product := _by_reciprocal(one, node.right, self.define)) is not None:
            return Sql(value=product, defined=defined)
        nonzero = self.define(f"{other.numerator} != 0")
        return Sql(value=divided(one, other, self.define), defined=self._both(defined, nonzero))

    def _one_of(self, node: OneOf) -> Sql:
        item = self.compile(node.item)
        choices = [self.compile(choice) for choice in node.choices]
        equal = [_compare(item, "=", choice) for choice in choices]
        return Sql(
            value=self.define(f"({' OR '.join(equal)})"),
            defined=self._both(item.defined, *(choice.defined for choice in choices)),
        )

    def _choice(self, node: Choice) -> Sql:
        condition = self.compile(node.condition)
        truth = self.define(condition.text)
        then, otherwise = self.compile(node.then), self.compile(node.otherwise)
        made = self._pick(truth, then, otherwise)
        return Sql(value=made.value, defined=self._both(condition.defined, made.defined))

    def _pick(self, truth: str, one: Sql, other: Sql) -> Sql:
        defined = one.defined
        if one.defined != other.defined:
            defined = self.define(f"if({truth}, {one.defined}, {other.defined})")
        if isinstance(one.value, Number):
            return Sql(value=chosen(truth, one.value, other.number, self.define), defined=defined)
        return Sql(value=self.define(f"if({truth}, {one.text}, {other.text})"), defined=defined)

    def _call(self, node: Call) -> Sql:
        parts = [self.compile(argument) for argument in node.arguments]
        if node.function == "coalesce":
            return self._first(parts, of_texts=node.of is Kind.TEXT)
        if node.function == "exists":
            return Sql(value=f"notEmpty({parts[0].text})", defined=_ALWAYS)
        defined = self._both(*(part.defined for part in parts))
        if node.function in {"min", "max"}:
            return Sql(value=_extreme(node.function, parts, self.define), defined=defined)
        if node.function in {"abs", "round", "floor", "ceil"}:
            return Sql(value=_of_number(node, parts[0].number, self.define), defined=defined)
        return self._of_texts(node.function, [part.text for part in parts], defined)

    def _of_texts(self, function: str, texts: list[str], defined: str) -> Sql:
        if function == "length":
            length = self.define(f"toInt256(lengthUTF8({texts[0]}))")
            return Sql(value=Number(numerator=length, bound=_LENGTH_BOUND), defined=defined)
        if function in _TESTS:
            return Sql(value=self.define(_TESTS[function].format(*texts)), defined=defined)
        made = self.define(f"{function}({', '.join(texts)})")
        fits = self.define(f"lengthUTF8({made}) <= {TEXT_LENGTH_MAX}")
        return Sql(value=made, defined=self._both(defined, fits))

    def _first(self, parts: list[Sql], *, of_texts: bool) -> Sql:
        *others, last = parts
        for part in others[::-1]:
            there = f"{part.defined} AND notEmpty({part.text})" if of_texts else part.defined
            last = self._pick(self.define(there), part, last)
        return last

    def _both(self, *conditions: str) -> str:
        needed = list(dict.fromkeys(each for each in conditions if each != _ALWAYS))
        if not needed:
            return _ALWAYS
        return needed[0] if len(needed) == 1 else self.define(" AND ".join(needed))


def _literal(node: Literal, bind: Bindings) -> Sql:
    if isinstance(node.value, Decimal):
        return Sql(value=literal(node.value), defined=_ALWAYS)
    if isinstance(node.value, bool):
        return Sql(value=f"toUInt8({int(node.value)})", defined=_ALWAYS)
    return Sql(value=bind.text(node.value), defined=_ALWAYS)


def _compare(one: Sql, operator: str, other: Sql) -> str:
    if isinstance(one.value, Number):
        return compared(one.value, operator, other.number)
    return f"({one.text} {operator} {other.text})"


def _places(node: Call) -> int:
    """Return the places of a rounding; kinds have made sure that they are written out."""
    if len(node.arguments) == 1:
        return 0
    argument = node.arguments[1]
    sign, written = (-1, argument.operand) if isinstance(argument, Unary) else (1, argument)
    return sign * int(cast("Decimal", cast("Literal", written).value))


def _by_reciprocal(one: Number, divisor: Node, define: Define) -> Number | None:
    """Return a quotient as a product, where a written divisor allows it: no line is needed."""
    written = divisor.value if isinstance(divisor, Literal) else None
    turned = reciprocal(written) if isinstance(written, Decimal) else None
    try:
        return None if turned is None else multiplied(one, literal(turned), define)
    except TooWide:
        return None


def _of_number(node: Call, one: Number, define: Define) -> Number:
    if node.function == "abs":
        return replace(one, numerator=define(f"toInt256(abs({one.numerator}))"))
    return to_places(one, _places(node), define, way=node.function)


def _extreme(function: str, parts: list[Sql], define: Define) -> Number:
    operator = "<=" if function == "min" else ">="
    found = parts[0].number
    for part in parts[1:]:
        better = define(compared(found, operator, part.number))
        found = chosen(better, found, part.number, define)
    return found

"""A small language for derived values, conditions and formulas; exact, and safe from strangers."""

from tallystick.expressions.evaluate import Lookup, Undefined, Value
from tallystick.expressions.expression import Expression, KnownName, parse_expression
from tallystick.expressions.functions import FUNCTIONS
from tallystick.expressions.rounding import decimal_of
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
    parts_of,
)

__all__ = [
    "FUNCTIONS",
    "Binary",
    "Call",
    "Choice",
    "Expression",
    "Kind",
    "KnownName",
    "Literal",
    "Lookup",
    "Name",
    "Node",
    "OneOf",
    "Unary",
    "Undefined",
    "Value",
    "decimal_of",
    "parse_expression",
    "parts_of",
]

"""
Formulas over meters: which names they know, and where their units make no sense.

    input_tokens + 3 * output_tokens       meter["gpu-seconds"] / 3600

A name is the key of a meter; one that holds other signs than letters, digits and dots stands in
brackets. Units are checked as far as they can be known. Names that are added, compared or chosen
between must count in the same unit, and a formula that is made of names alone in the unit that is
declared. A written number may stand for a weight with a unit of its own, so a product or quotient
with one fits everything; so does a ratio of equal units.

    requests + bytes            refused         requests * 0.5 + bytes / 1000000    may be credits
"""

from collections.abc import Mapping, Sequence

from tallystick.expressions import (
    Binary,
    Call,
    Choice,
    Expression,
    Kind,
    Name,
    Node,
    OneOf,
    Unary,
    parse_expression,
    parts_of,
)
from tallystick.kernel import Done, MeterKey, Outcome, Refused, nearest, refuse
from tallystick.metering.meter import Formula, Meter

METER = "meter"


def key_of_name(path: tuple[str, ...]) -> str:
    """
    Return the key of the meter that a name means.

    Example:
        >>> key_of_name(("meter", "gpu-seconds")), key_of_name(("host", "cpu"))
        ('gpu-seconds', 'host.cpu')
    """
    first, *others = path
    return others[0] if first == METER and len(others) == 1 else ".".join(path)


def named_meters(text: str) -> frozenset[str]:
    """
    Return the keys of the meters that the text of a formula names; none if it cannot be read.

    Example:
        >>> sorted(named_meters("a + 2 * b"))
        ['a', 'b']
    """
    outcome = parse_expression(text, kind=Kind.NUMBER)
    if isinstance(outcome, Refused):
        return frozenset()
    return frozenset(key_of_name(name.path) for name in outcome.value.names)


def formula_of(text: str, meters: Mapping[MeterKey, Meter]) -> Outcome[Formula]:
    """
    Return the formula that a text writes, with the meters that it names.

    Problems:
        Those of `parse_expression`; a formula that names no meter.
    """

    def problem(path: tuple[str, ...]) -> str:
        key = key_of_name(path)
        if key in meters:
            return ""
        near = nearest(key, map(str, meters))
        return f"no meter {key}" + (f"; did you mean {near}?" if near else "")

    outcome = parse_expression(text, kind=Kind.NUMBER, known=problem)
    if isinstance(outcome, Refused):
        return outcome
    return _with_meters(outcome.value, meters)


def unit_problem(formula: Formula, unit: str) -> str:
    """Return what makes no sense in the units of a formula; empty for nothing."""
    units = {str(meter.key): _sorted(meter.quantity_unit) for meter in formula.meters}
    try:
        found = _unit(formula.expression.root, units)
    except _Mismatch as mismatch:
        return str(mismatch)
    if found is not None and found != _sorted(unit):
        return f"the formula counts {'.'.join(found)}, not {unit}"
    return ""


class _Mismatch(Exception):
    pass


def _with_meters(expression: Expression, meters: Mapping[MeterKey, Meter]) -> Outcome[Formula]:
    keys = dict.fromkeys(MeterKey(key_of_name(name.path)) for name in expression.names)
    if not keys:
        return refuse("meter_missing", "a formula names at least one meter")
    return Done(Formula(expression=expression, meters=tuple(meters[key] for key in keys)))


def _sorted(unit: str) -> tuple[str, ...]:
    return tuple(sorted(unit.split(".")))


def _unit(  # noqa: PLR0911 (one return for each kind of node)
    node: Node, units: Mapping[str, tuple[str, ...]]
) -> tuple[str, ...] | None:
    """Return the factors of a value's unit, or None where a written number leaves it open."""
    if isinstance(node, Name):
        return units[key_of_name(node.path)]
    inner = [_unit(part, units) for part in parts_of(node)]
    match node:
        case Unary(operator="-"):
            return inner[0]
        case Binary(operator="*"):
            return _product(*inner)
        case Binary(operator="/"):
            return _ratio(*inner)
        case Binary(operator="+" | "-") | Call(function="min" | "max" | "coalesce"):
            return _same(inner)
        case Call(function="abs" | "round" | "floor" | "ceil"):
            return inner[0]
        case Choice():
            return _same(inner[1:])
        case Binary(operator="and" | "or"):
            return None
        case Binary() | OneOf():
            _same(inner)
            return None
        case _:
            return None


def _same(units: Sequence[tuple[str, ...] | None]) -> tuple[str, ...] | None:
    known = [one for one in units if one is not None]
    for one in known[1:]:
        if one != known[0]:
            said = " and ".join(".".join(each) for each in (known[0], one))
            raise _Mismatch(f"{said} do not add; multiply by a number to say what one is worth")
    return known[0] if known else None


def _product(one: tuple[str, ...] | None, other: tuple[str, ...] | None) -> tuple[str, ...] | None:
    return None if one is None or other is None else tuple(sorted((*one, *other)))


def _ratio(one: tuple[str, ...] | None, other: tuple[str, ...] | None) -> tuple[str, ...] | None:
    if one is None or other is None:
        return None
    left = list(one)
    for factor in other:
        if factor not in left:
            return None
        left.remove(factor)
    return tuple(left) or None

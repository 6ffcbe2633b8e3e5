"""
Exact numbers in SQL: whole numbers of 256 bits, with their decimal places known beforehand.

A number is ``numerator / (divisor x 10^places)``. How large numerator and divisor can become is
known from the digits that fields and literals may have, before a query runs; what could reach 2^255
is not compiled (`TooWide`), for ClickHouse would wrap around without a word. So nothing is rounded
but where the expression says so, and once at the end.

    data.bytes / 1073741824     data.bytes has 18 places and is below 10^20; the quotient is a
                                product with 5^30 / 10^30: 48 places, below 10^38 x 5^30 < 2^255
"""

from collections.abc import Callable
from dataclasses import dataclass, replace
from decimal import Decimal
from fractions import Fraction
from typing import TypeAlias

FIELD_PLACES = 18
FIELD_BOUND = 10**38
VALUE_PLACES = 18
VALUE_BOUND = 10**38
_LIMIT = 1 << 255

Define: TypeAlias = Callable[[str], str]
"""Gives an SQL expression a name in the query, so that it stands there once."""


class TooWide(Exception):
    """A step could need more than 256 bits: the expression is evaluated outside the engine."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Number:
    """
    An exact number over the columns of a row.

    Attributes:
        numerator: SQL of an Int256.
        bound: its magnitude is at most this.
        places: decimal places of the numerator, 0 or more.
        divisor: SQL of an Int256 above 0; None for 1.
        divisor_bound: the divisor is at most this.
    """

    numerator: str
    bound: int
    places: int = 0
    divisor: str | None = None
    divisor_bound: int = 1


def whole(value: int) -> str:
    """Return a whole number as SQL."""
    return f"toInt256('{value}')"


def literal(value: Decimal) -> Number:
    """Return a written number."""
    places = max(0, -int(value.as_tuple().exponent))
    scaled = int(Fraction(value) * 10**places)
    return Number(numerator=whole(scaled), bound=abs(scaled), places=places)


def negated(one: Number) -> Number:
    """Return the number with the other sign."""
    return replace(one, numerator=f"(-{one.numerator})")


def added(one: Number, other: Number, define: Define, *, minus: bool = False) -> Number:
    """Return the sum, or the difference."""
    left, right, places, bounds = _crossed(one, other)
    sign = "-" if minus else "+"
    return _checked(
        Number(
            numerator=define(f"{left} {sign} {right}"),
            bound=sum(bounds),
            places=places,
            divisor=_times(one.divisor, other.divisor),
            divisor_bound=one.divisor_bound * other.divisor_bound,
        )
    )


def multiplied(one: Number, other: Number, define: Define) -> Number:
    """Return the product."""
    return _checked(
        Number(
            numerator=define(f"{one.numerator} * {other.numerator}"),
            bound=one.bound * other.bound,
            places=one.places + other.places,
            divisor=_times(one.divisor, other.divisor),
            divisor_bound=one.divisor_bound * other.divisor_bound,
        )
    )


def divided(one: Number, other: Number, define: Define) -> Number:
    """Return the quotient; a divisor of 0 gives some number, which is not looked at."""
    sign = define(f"toInt256(if({other.numerator} < 0, -1, 1))")
    size = define(f"if({other.numerator} = 0, {whole(1)}, {other.numerator} * {sign})")
    made = Number(
        numerator=define(f"{_times(one.numerator, other.divisor)} * {sign}"),
        bound=one.bound * other.divisor_bound,
        places=one.places,
        divisor=define(str(_times(size, one.divisor))),
        divisor_bound=other.bound * one.divisor_bound,
    )
    # The places of the divisor belong above the line.
    return _checked(
        replace(made, places=made.places - other.places)
        if made.places >= other.places
        else replace(_scaled(made, other.places - made.places), places=0)
    )


def reciprocal(value: Decimal) -> Decimal | None:
    """
    Return 1 / value where that ends, else None; also None for 0.

    Example:
        >>> reciprocal(Decimal(1024)), reciprocal(Decimal(3))
        (Decimal('0.0009765625'), None)
    """
    if not value:
        return None
    turned = 1 / Fraction(value)
    rest, twos, fives = turned.denominator, 0, 0
    while rest % 2 == 0:
        rest, twos = rest // 2, twos + 1
    while rest % 5 == 0:
        rest, fives = rest // 5, fives + 1
    places = max(twos, fives)
    scaled = int(turned * 10**places)
    sign = (0 if scaled >= 0 else 1, tuple(int(digit) for digit in str(abs(scaled))), -places)
    return Decimal(sign) if rest == 1 else None


def chosen(condition: str, one: Number, other: Number, define: Define) -> Number:
    """Return one number where a condition holds, else the other."""
    places = max(one.places, other.places)
    left, right = _scaled(one, places - one.places), _scaled(other, places - other.places)
    divisor = None
    if left.divisor or right.divisor:
        divisor = define(
            f"if({condition}, {left.divisor or whole(1)}, {right.divisor or whole(1)})"
        )
    return Number(
        numerator=define(f"if({condition}, {left.numerator}, {right.numerator})"),
        bound=max(left.bound, right.bound),
        places=places,
        divisor=divisor,
        divisor_bound=max(left.divisor_bound, right.divisor_bound),
    )


def compared(one: Number, operator: str, other: Number) -> str:
    """Return whether a comparison holds, as SQL."""
    left, right, _, bounds = _crossed(one, other)
    _fits(max(bounds))
    return f"({left} {operator} {right})"


def to_places(one: Number, places: int, define: Define, *, way: str = "round") -> Number:
    """
    Return the number to decimal places, below 0 to tens and hundreds.

    ``way`` is ``round`` (half away from zero), ``floor`` or ``ceil``.
    """
    if one.divisor is None and one.places <= places:
        return one
    above, below = max(0, places - one.places), max(0, one.places - places)
    scaled = _scaled(one, above)
    numerator = define(scaled.numerator)
    divisor = define(str(_times(whole(10**below), one.divisor)))
    _fits(2 * scaled.bound + 2 * one.divisor_bound * 10**below)
    if way == "round":
        size = f"intDiv(2 * toInt256(abs({numerator})) + {divisor}, 2 * {divisor})"
        quotient = f"{size} * if({numerator} < 0, -1, 1)"
    elif way == "floor":
        quotient = f"intDiv({numerator} - if({numerator} < 0, {divisor} - 1, 0), {divisor})"
    else:
        quotient = f"intDiv({numerator} + if({numerator} > 0, {divisor} - 1, 0), {divisor})"
    made = Number(
        numerator=define(quotient), bound=scaled.bound // 10**below + 1, places=max(0, places)
    )
    return _scaled(made, -places) if places < 0 else made


def to_value(one: Number, define: Define) -> tuple[str, str]:
    """Return a Decimal256 with 18 places, and whether the number has room in it."""
    made = to_places(one, VALUE_PLACES, define)
    made = _scaled(made, VALUE_PLACES - made.places)
    digits = define(made.numerator)
    fits = define(f"{digits} > {whole(-VALUE_BOUND)} AND {digits} < {whole(VALUE_BOUND)}")
    return f"reinterpret(if({fits}, {digits}, {whole(0)}), 'Decimal(76, 18)')", fits


def _crossed(one: Number, other: Number) -> tuple[str, str, int, tuple[int, int]]:
    """Return both numerators over the same divisor, with the same places, and their bounds."""
    places = max(one.places, other.places)
    left, right = _scaled(one, places - one.places), _scaled(other, places - other.places)
    bounds = left.bound * other.divisor_bound, right.bound * one.divisor_bound
    return (
        str(_times(left.numerator, other.divisor)),
        str(_times(right.numerator, one.divisor)),
        places,
        bounds,
    )


def _scaled(one: Number, places: int) -> Number:
    """Return a number with a numerator of more places; the caller notes how many those are."""
    if not places:
        return one
    return _checked(
        replace(
            one,
            numerator=f"({one.numerator} * {whole(10**places)})",
            bound=one.bound * 10**places,
        )
    )


def _times(one: str | None, other: str | None) -> str | None:
    if one is None or other is None:
        return one or other
    return f"({one} * {other})"


def _checked(one: Number) -> Number:
    _fits(max(one.bound, one.divisor_bound))
    return one


def _fits(bound: int) -> None:
    if bound >= _LIMIT:
        raise TooWide

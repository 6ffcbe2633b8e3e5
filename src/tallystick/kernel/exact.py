"""
Exact decimals: one context, one parser, one way to write them.

Billing numbers are ``Decimal`` from the edge to the invoice. A parsed number has at most 20 integer
and 18 fraction digits, the range of Decimal(38, 18) in which events are kept; a product of two such
numbers has at most 76 digits and therefore fits ``EXACT`` without rounding. Division may not
terminate; it is then correct to 76 digits, half to even.

Not here: rounding to money (``money.settle`` is the only place).
"""

import re
from decimal import ROUND_HALF_EVEN, Context, Decimal, DivisionByZero, InvalidOperation, Overflow

from tallystick.kernel.errors import Misuse

EXACT = Context(
    prec=76, rounding=ROUND_HALF_EVEN, traps=[InvalidOperation, DivisionByZero, Overflow]
)

INTEGER_DIGITS_MAX = 20
FRACTION_DIGITS_MAX = 18
TEXT_LENGTH_MAX = 64

_NUMBER = re.compile(r"-?[0-9]+(?:\.[0-9]+)?(?:[eE][+-]?[0-9]{1,3})?")
_SHOWN_LENGTH_MAX = 40


def parse_decimal(text: str) -> Decimal:
    """
    Return the number that a text writes, plain or with exponent.

    Digits are counted as written, after the exponent is applied: at most 20 before and 18 behind
    the point. The result never carries a positive exponent and is never a negative zero.

    Raises:
        Misuse: not a number, not finite, too many digits, or longer than 64 characters.

    Example:
        >>> parse_decimal("-12.50"), parse_decimal("1e3"), parse_decimal("5E-18")
        (Decimal('-12.50'), Decimal('1000'), Decimal('5E-18'))
    """
    if len(text) > TEXT_LENGTH_MAX or _NUMBER.fullmatch(text) is None:
        raise Misuse(f"{text[:_SHOWN_LENGTH_MAX]!r} is not a decimal number such as 12.5 or 1e-3")
    value = Decimal(text)
    if not value:
        return Decimal(0)
    exponent = int(value.as_tuple().exponent)
    if value.adjusted() >= INTEGER_DIGITS_MAX or -exponent > FRACTION_DIGITS_MAX:
        raise Misuse(
            f"{text!r} has more than {INTEGER_DIGITS_MAX} digits before or {FRACTION_DIGITS_MAX} "
            "behind the point"
        )
    return value.quantize(Decimal(1), context=EXACT) if exponent > 0 else value


def plain(decimal: Decimal) -> str:
    """
    Return the one text of a number: no exponent, no trailing zeros, no negative zero.

    Raises:
        Misuse: the number is not finite.

    Example:
        >>> plain(Decimal("1.500")), plain(Decimal("1E+3")), plain(Decimal("-0.0"))
        ('1.5', '1000', '0')
    """
    if not decimal.is_finite():
        raise Misuse(f"{decimal} is not finite")
    if not decimal:
        return "0"
    text = format(decimal, "f")
    return text.rstrip("0").rstrip(".") if "." in text else text

"""
Rounding exact fractions, always half away from zero, as money is.

    2.5 to 0 places is 3, -2.5 is -3; 14.2355 to 2 is 14.24, to -1 is 10
"""

from decimal import Decimal
from fractions import Fraction

from tallystick.kernel import EXACT

NUMBER_PLACES = 18


def rounded(value: Fraction, places: int) -> Fraction:
    """
    Return the nearest fraction with so many decimal places; of two equally near, the outer one.

    Example:
        >>> rounded(Fraction(-5, 2), 0), rounded(Fraction("14.2355"), -1)
        (Fraction(-3, 1), Fraction(10, 1))
    """
    scaled = abs(value) * _power(places)
    whole = (2 * scaled.numerator + scaled.denominator) // (2 * scaled.denominator)
    return Fraction(whole if value >= 0 else -whole) / _power(places)


def floored(value: Fraction, places: int) -> Fraction:
    """
    Return the greatest fraction with so many decimal places that is not above.

    Example:
        >>> floored(Fraction("16.2365"), 2), floored(Fraction(-3, 2), 0)
        (Fraction(1623, 100), Fraction(-2, 1))
    """
    scaled = value * _power(places)
    return Fraction(scaled.numerator // scaled.denominator) / _power(places)


def ceiled(value: Fraction, places: int) -> Fraction:
    """
    Return the least fraction with so many decimal places that is not below.

    Example:
        >>> ceiled(Fraction("14.2345"), -1)
        Fraction(20, 1)
    """
    return -floored(-value, places)


def decimal_of(value: Fraction) -> Decimal:
    """
    Return the number to 18 places, half away from zero; exact for what has no more.

    Example:
        >>> decimal_of(Fraction(3, 2)), decimal_of(Fraction(2, 3))
        (Decimal('1.5'), Decimal('0.666666666666666667'))
    """
    near = rounded(value, NUMBER_PLACES) * _power(NUMBER_PLACES)
    whole = Decimal(near.numerator).scaleb(-NUMBER_PLACES, context=EXACT)
    return whole.normalize(EXACT) if whole else Decimal(0)


def _power(places: int) -> Fraction:
    return Fraction(10) ** places

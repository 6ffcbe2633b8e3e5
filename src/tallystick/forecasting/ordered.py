"""
Medians and quartiles, exact or to a stated number of digits, whatever the thread's context says.

Quartiles lie between neighbours in proportion: those of 10, 11, 12, 13, 14, 15, 16, 100 are 11.75
and 15.25 (the second definition of many statistics packages, type 7 of Hyndman and Fan, 1996).
"""

from collections.abc import Sequence
from decimal import ROUND_HALF_EVEN, Context, Decimal, DivisionByZero, InvalidOperation

from tallystick.kernel import check

SHORT = Context(prec=12, rounding=ROUND_HALF_EVEN, traps=[InvalidOperation, DivisionByZero])
"""Twelve digits: for what is estimated, which no money is made of."""

_TWO = Decimal(2)
_QUARTER = Decimal("0.25")


def median(values: Sequence[Decimal]) -> Decimal:
    """
    Return the middle of at least one value, or the mean of the two in the middle.

    Example:
        >>> median([Decimal(5), Decimal(1), Decimal(2), Decimal(9)])
        Decimal('3.5')
    """
    check(values, "there is no middle of nothing")
    found = sorted(values)
    half = len(found) // 2
    if len(found) % 2:
        return found[half]
    return SHORT.divide(SHORT.add(found[half - 1], found[half]), _TWO)


def quartiles(values: Sequence[Decimal]) -> tuple[Decimal, Decimal]:
    """
    Return the first and the third quartile of at least one value.

    Example:
        >>> quartiles([Decimal(n) for n in (10, 11, 12, 13, 14, 15, 16, 100)])
        (Decimal('11.75'), Decimal('15.25'))
    """
    check(values, "there are no quartiles of nothing")
    found = sorted(values)
    steps = Decimal(len(found) - 1)
    first = SHORT.multiply(steps, _QUARTER)
    return _between(found, first), _between(found, SHORT.subtract(steps, first))


def _between(found: list[Decimal], place: Decimal) -> Decimal:
    low = int(place)
    part = SHORT.subtract(place, Decimal(low))
    if not part:
        return found[low]
    rest = SHORT.subtract(found[low + 1], found[low])
    return SHORT.add(found[low], SHORT.multiply(part, rest))

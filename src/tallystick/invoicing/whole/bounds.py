"""
Bounds over what several prices come to: a maximum taken off their lines, a minimum charged besides.

    calls 300.00, storage 400.00, minimum 1,000      a line of 300.00 besides
    calls 4,000.00, storage 2,000.00, maximum 5,000  666.67 and 333.33 are taken off

They look at what lines settle to, after discounts and coupons, so that together lines come to the
bound to the cent.  Of a maximum, what lines of documents before charged counts, and is not touched.

Rounding: bounds for a part of a period settle once; what is taken off is handed out by largest
remainder, ties by position.
"""

from collections.abc import Sequence
from decimal import Decimal

from tallystick.kernel import EXACT, Amount, Money, settle, split


def above_maximum(maximum: Amount, lines: Sequence[Money], *, charged: Money) -> tuple[Money, ...]:
    """
    Return what is taken off each line, so that all come to no more than a maximum.

    Args:
        maximum: of the period, or of the part of it that is billed.
        lines: what may be lowered; one below nothing stays as it is.
        charged: what documents before charged already, which counts too.

    Example:
        >>> from tallystick.kernel import currency
        >>> eur = currency("EUR")
        >>> lines = [Money(minor=400000, currency=eur), Money(minor=200000, currency=eur)]
        >>> off = above_maximum(Amount(value=Decimal(5000), currency=eur), lines,
        ...                     charged=Money(minor=0, currency=eur))
        >>> [str(one) for one in off]
        ['666.67 EUR', '333.33 EUR']
    """
    positive = [max(line.minor, 0) for line in lines]
    total = sum(lines, charged)
    excess = min(total.minor - settle(maximum).minor, sum(positive))
    if excess <= 0:
        return tuple(Money(minor=0, currency=charged.currency) for _ in lines)
    return split(Money(minor=excess, currency=charged.currency), positive)


def covered(minimums: Sequence[Amount], total: Money) -> tuple[Decimal, ...]:
    """
    Return how much of each minimum lines come to, in order; the parts of a period one by one.

    Args:
        minimums: exact, of one bound and period; one for each part in which the bound is the same.
        total: what the lines settle to; below nothing covers nothing.
    """
    left = max(total.decimal, Decimal(0))
    found: list[Decimal] = []
    for minimum in minimums:
        part = min(left, minimum.value)
        left = EXACT.subtract(left, part)
        found.append(part)
    return tuple(found)

"""
A level walked through tiers: each change is charged for the rest of the period, tier by tier.

    up to 5 at 10 + flat 100, above at 5 + flat 50; 5 seats for 0.7 of the month, then 2 fewer for
    the last fifth

    +5, 0.7     5 in tier 1, for 0.7        3.5
    -2, 0.2     2 out of tier 1, for 0.2   -0.4     tier 1: 3.1 x 10 + 100 = 131

What a change adds lies in the tiers between the level before and after it; what it takes away is
taken from the tiers that it leaves, for the rest of the period.  So a tier's quantity is how much
of it was full on average, and the order of changes at one level does not matter.  A flat fee is due
in full for each tier up to the highest level reached, and stays due when the level falls again.

Below 0 a level fills nothing.  One that is below 0 on average is priced as 0 (``rating``).

Rounding: none but the last of 76 digits where a share does not end.  An amount is made of the exact
quantity, so that a third of 0.375 is half a cent and settles up; the quantity that a step shows is
rounded by itself.
"""

from collections.abc import Sequence
from decimal import Decimal
from fractions import Fraction

from tallystick.kernel import EXACT
from tallystick.pricing.charge import Step
from tallystick.pricing.detail import Detail, LevelStep
from tallystick.pricing.models.package import started
from tallystick.pricing.models.tiers import Band

_NOTHING = Decimal(0)


def walk_changes(bands: Sequence[Band], detail: Detail, *, flat_at_zero: bool) -> tuple[Step, ...]:
    """
    Return one step for each tier reached, the first one's always.

    Args:
        bands: of the price's tiers.
        detail: the changes; ``start`` is the highest level reached in the period before, whose flat
            fees are paid.
        flat_at_zero: whether tier one's flat fee is due where the level was never above 0.
    """
    held = [Fraction(0)] * len(bands)
    level = highest = _NOTHING
    for change in detail.changes:
        after = EXACT.add(level, change.quantity)
        for index, band in enumerate(bands):
            moved = EXACT.subtract(held_in(band, after), held_in(band, level))
            if moved:
                held[index] += Fraction(moved) * change.share
        level, highest = after, max(highest, after)
    return tuple(
        _step(band, held[index], fee=_fee(band, highest, detail, at_zero=flat_at_zero))
        for index, band in enumerate(bands)
        if index == 0 or band.above < highest
    )


def average_level(changes: Sequence[LevelStep]) -> Decimal:
    """
    Return what changes come to over the whole period: the quantity that is priced.

    Example:
        >>> average_level([LevelStep(quantity=Decimal(5), share=Fraction(1)),
        ...                LevelStep(quantity=Decimal(2), share=Fraction(1, 4))])
        Decimal('5.5')
    """
    return _decimal(sum((Fraction(one.quantity) * one.share for one in changes), Fraction(0)))


def held_in(band: Band, quantity: Decimal) -> Decimal:
    """Return how much of a quantity lies in a tier, in its packages where it has some."""
    top = quantity if band.up_to is None or quantity < band.up_to else band.up_to
    part = EXACT.subtract(top, band.above) if top > band.above else _NOTHING
    return part if band.package_size is None else started(part, band.package_size)


def _fee(band: Band, highest: Decimal, before: Detail, *, at_zero: bool) -> Decimal:
    """Return a tier's flat fee where it was reached now, and not in the period before."""
    if before.start > band.above or (before.first_paid and not band.above):
        return _NOTHING
    reached = highest > band.above or (at_zero and not band.above)
    return band.flat if reached else _NOTHING


def _step(band: Band, held: Fraction, *, fee: Decimal) -> Step:
    return Step(
        label=band.label,
        quantity=_decimal(held),
        unit_price=band.unit_price,
        flat=fee,
        amount=_decimal(held * Fraction(band.unit_price) + Fraction(fee)),
    )


def _decimal(value: Fraction) -> Decimal:
    return EXACT.divide(Decimal(value.numerator), Decimal(value.denominator))

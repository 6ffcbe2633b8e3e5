"""What quantities cost, and how amounts become cents."""

from collections.abc import Sequence
from fractions import Fraction

from tests.naive.facts import ZERO, Rate, Tier


def cents(amount: Fraction) -> int:
    """Round an amount of money to whole cents, halves away from zero."""
    hundredfold = abs(amount) * 100
    whole = hundredfold.numerator // hundredfold.denominator
    if hundredfold - whole >= Fraction(1, 2):
        whole += 1
    return -whole if amount < 0 else whole


def shared_out(minor: int, weights: Sequence[int]) -> list[int]:
    """Hand cents out by weights; what is left goes to the largest rests, earlier ones first."""
    total = sum(weights)
    exact = [Fraction(minor * weight, total) for weight in weights]
    parts = [one.numerator // one.denominator for one in exact]
    by_rest = sorted(range(len(exact)), key=lambda at: (parts[at] - exact[at], at))
    for at in by_rest[: minor - sum(parts)]:
        parts[at] += 1
    return parts


def price_of(rate: Rate, before: Fraction, quantity: Fraction) -> Fraction:
    """Return what a quantity costs that follows on another one in the same period."""
    if rate.model == "flat":
        return rate.tiers[0].flat * quantity
    if rate.model == "unit":
        return quantity * rate.tiers[0].unit
    if rate.model == "package":
        blocks = -(-quantity // rate.size)
        return blocks * rate.tiers[0].unit
    if rate.model == "graduated":
        return graduated(rate.tiers, before, quantity)
    reached = tier_reached(rate.tiers, before + quantity)
    if rate.model == "volume":
        return quantity * reached.unit + (reached.flat if quantity > 0 else ZERO)
    # Decision 0039: the step on which the quantity before it stood is paid.
    paid = tier_reached(rate.tiers, before).flat if before > 0 else ZERO
    return max(reached.flat - paid, ZERO) if quantity > 0 else ZERO


def graduated(tiers: tuple[Tier, ...], before: Fraction, quantity: Fraction) -> Fraction:
    """Return the cost of the units from one position to another, each in its tier."""
    total, lower, after = ZERO, ZERO, before + quantity
    for tier in tiers:
        top = after if tier.up_to is None else min(after, tier.up_to)
        bottom = max(before, lower)
        if top > bottom:
            total += (top - bottom) * tier.unit
            if bottom == lower:
                total += tier.flat
        if tier.up_to is None or tier.up_to >= after:
            break
        lower = tier.up_to
    return total


def tier_reached(tiers: tuple[Tier, ...], quantity: Fraction) -> Tier:
    """Return the tier in which a quantity ends; an upper bound belongs to its tier."""
    for tier in tiers:
        if tier.up_to is None or quantity <= tier.up_to:
            return tier
    raise AssertionError("the last tier has no end")

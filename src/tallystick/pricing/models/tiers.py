"""
Tiers: ranges of quantity that together cover everything from zero without a gap.

A tier's upper bound belongs to it, and the next tier begins right above: with bounds 10 and 20 a
quantity of 10 lies in tier 1, 10.5 and 20 in tier 2, 20.000001 in tier 3. The last tier is open.
A tier's flat fee is due when the tier is reached, that is, when the quantity is above the bound
before; tier one's at quantity 0 only where the price says ``flat_at_zero``.

Partners: ``graduated.py`` prices each unit in its own tier, ``volume.py`` all units in the last.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from decimal import Decimal
from typing import NamedTuple

from tallystick.kernel import EXACT, Problem, plain
from tallystick.pricing.validity import negative_problems, positive_problems

TIERS_MAX = 1000


@dataclass(frozen=True, slots=True, kw_only=True)
class Tier:
    """
    One range of quantity and what it costs.

    Attributes:
        up_to: last quantity that belongs to the tier, in the price's unit; None for the open last.
        unit_price: price of one unit, or of one package, in major units, 0 or more.
        flat: fee that is due when the tier is reached, in major units, 0 or more.
        package_size: the tier is sold in packages of so much, each paid in full once it is
            started; None where each unit is sold.
    """

    up_to: Decimal | None
    unit_price: Decimal
    flat: Decimal = Decimal(0)
    package_size: Decimal | None = None


class Band(NamedTuple):
    """
    A tier prepared for rating: its label and lower bound do not change from charge to charge.

    Attributes:
        label: ``tier 2: above 10, up to 20``.
        above: bound of the tier before; 0 for the first.
        up_to: bound of this tier, None for the last.
        width: how much fits into the tier; 0 for the last, which has no end.
        unit_price: as in the tier.
        flat: as in the tier.
        package_size: as in the tier.
    """

    label: str
    above: Decimal
    up_to: Decimal | None
    width: Decimal
    unit_price: Decimal
    flat: Decimal
    package_size: Decimal | None


def prepare_bands(tiers: tuple[Tier, ...]) -> tuple[Band, ...]:
    """
    Return the bands of valid tiers, in order.

    Example:
        >>> one = Tier(up_to=Decimal(10), unit_price=Decimal(2))
        >>> rest = Tier(up_to=None, unit_price=Decimal(1))
        >>> [band.label for band in prepare_bands((one, rest))]
        ['tier 1: up to 10', 'tier 2: above 10']
    """
    bands = []
    above = Decimal(0)
    for number, tier in enumerate(tiers, start=1):
        lower = f"above {plain(above)}" if number > 1 else ""
        upper = f"up to {plain(tier.up_to)}" if tier.up_to is not None else ""
        extent = ", ".join(part for part in (lower, upper) if part) or "all"
        width = Decimal(0) if tier.up_to is None else EXACT.subtract(tier.up_to, above)
        size = tier.package_size
        sold = f", packages of {plain(size)}" if size is not None else ""
        label = f"tier {number}: {extent}{sold}"
        bands.append(Band(label, above, tier.up_to, width, tier.unit_price, tier.flat, size))
        above = tier.up_to if tier.up_to is not None else above
    return tuple(bands)


def tier_problems(tiers: tuple[Tier, ...]) -> Iterator[Problem]:
    """
    Yield what is wrong with tiers: they must ascend, and the last, and only it, is open.

    Problems:
        no_tiers, too_many_tiers, tiers_not_ascending, open_tier_not_last, last_tier_bounded,
        negative, not_positive; the field is ``tiers[n].name``, n from 0.

    Example:
        >>> bounded = Tier(up_to=Decimal(10), unit_price=Decimal(2))
        >>> [problem.code for problem in tier_problems((bounded,))]
        ['last_tier_bounded']
    """
    if not tiers:
        yield Problem(code="no_tiers", message="give at least one tier", field="tiers")
    if len(tiers) > TIERS_MAX:
        message = f"{len(tiers)} tiers are more than {TIERS_MAX}"
        yield Problem(code="too_many_tiers", message=message, field="tiers")
    above = Decimal(0)
    for index, tier in enumerate(tiers):
        path = f"tiers[{index}]"
        yield from negative_problems(f"{path}.unit_price", tier.unit_price)
        yield from negative_problems(f"{path}.flat", tier.flat)
        if tier.package_size is not None:
            yield from positive_problems(f"{path}.package_size", tier.package_size)
        yield from _bound_problems(tier, path, above=above, last=index == len(tiers) - 1)
        above = tier.up_to if tier.up_to is not None else above


def _bound_problems(tier: Tier, path: str, *, above: Decimal, last: bool) -> Iterator[Problem]:
    field = f"{path}.up_to"
    if tier.up_to is None:
        if not last:
            message = "only the last tier is open; give this one an upper bound"
            yield Problem(code="open_tier_not_last", message=message, field=field)
        return
    if last:
        message = "the last tier must be open: leave up_to out"
        yield Problem(code="last_tier_bounded", message=message, field=field)
    if not tier.up_to.is_finite() or tier.up_to <= above:
        message = f"must be above {plain(above)}, the bound before it, not {tier.up_to}"
        yield Problem(code="tiers_not_ascending", message=message, field=field)

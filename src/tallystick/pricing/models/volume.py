"""
Volume price: the tier into which the whole quantity falls prices all of it.

    up to 5 flat 100, up to 10 flat 150, up to 15 at 10, above at 5

    quantity 0 -> 0 (100 with flat_at_zero)
    quantity 5 -> 100,  7 -> 150,  15 -> 150,  16 -> 80 (the total may fall at a bound)

A tier's upper bound belongs to it. Where tiers are counted beyond the period, the tier reached with
what came before prices this period's quantity, and its flat fee is due in each period with usage.
"""

from bisect import bisect_left
from dataclasses import dataclass, field
from decimal import Decimal

from tallystick.kernel import EXACT
from tallystick.pricing.charge import Step
from tallystick.pricing.detail import NO_DETAIL, Detail
from tallystick.pricing.models.package import started
from tallystick.pricing.models.tiers import Band, Tier, prepare_bands, tier_problems
from tallystick.pricing.validity import require

_NOTHING = Decimal(0)


@dataclass(frozen=True, slots=True, kw_only=True)
class VolumePrice:
    """
    Tiers, of which the one reached prices everything.

    Attributes:
        tiers: ascending, the last one open.
        flat_at_zero: whether tier one's flat fee is due at quantity 0.
    """

    tiers: tuple[Tier, ...]
    flat_at_zero: bool = False
    bands: tuple[Band, ...] = field(init=False, repr=False, compare=False)
    bounds: tuple[Decimal, ...] = field(init=False, repr=False, compare=False)

    def __post_init__(self) -> None:
        """Refuse tiers with gaps, overlaps or negative prices."""
        require(tier_problems(self.tiers))
        bounds = tuple(tier.up_to for tier in self.tiers if tier.up_to is not None)
        object.__setattr__(self, "bands", prepare_bands(self.tiers))
        object.__setattr__(self, "bounds", bounds)


def rate_volume(
    model: VolumePrice, quantity: Decimal, detail: Detail = NO_DETAIL
) -> tuple[Step, ...]:
    """
    Return the one step of the tier in which the quantity lies.

    Args:
        model: the tiers.
        quantity: 0 or more, in the price's unit.
        detail: where the tiers are counted from.

    Example:
        >>> low = Tier(up_to=Decimal(15), unit_price=Decimal(10))
        >>> high = Tier(up_to=None, unit_price=Decimal(5))
        >>> rate_volume(VolumePrice(tiers=(low, high)), Decimal(16))[0].amount
        Decimal('80')
    """
    # The first bound that is not below the quantity is the bound of its tier.
    reached = EXACT.add(detail.start, quantity) if detail.start else quantity
    band = model.bands[bisect_left(model.bounds, reached)]
    fee = band.flat if quantity or model.flat_at_zero else _NOTHING
    price, size = band.unit_price, band.package_size
    units = quantity if size is None else started(quantity, size)
    amount = EXACT.fma(units, price, fee)
    return (Step(label=band.label, quantity=units, unit_price=price, flat=fee, amount=amount),)

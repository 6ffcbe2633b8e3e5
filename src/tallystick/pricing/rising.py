"""
Whether more of something may cost less: what decides if a price can be billed before its end.

    graduated                              never falls
    volume, up to 15 at 10, above at 5     16 cost 80, 15 cost 150: falls at the bound

A price whose total may fall is not charged in the middle of its period (`cadence.is_due_in` gives
it to the segment with the end), nor may it stop usage at a balance of zero: what was paid for would
turn out to have been too much.  Source: the project's semantics, "Credits".
"""

from decimal import Decimal
from itertools import pairwise

from tallystick.kernel import EXACT
from tallystick.pricing.models import FormulaPrice, StairstepPrice, VolumePrice
from tallystick.pricing.models.package import started
from tallystick.pricing.models.tiers import Band
from tallystick.pricing.price import Price


def never_falls(price: Price) -> bool:
    """
    Say whether a price's total never falls as the quantity of a period grows.

    Stages around the model do not matter: each keeps the order of what it is given. A formula may
    do anything, so it is not trusted to rise. Nor is a share of tiers that accounts fill together:
    what another one uses may lower it.

    Example:
        >>> from tallystick.kernel import PriceKey
        >>> from tallystick.pricing.models import Tier
        >>> low, high = Tier(up_to=Decimal(15), unit_price=Decimal(10)), Tier(
        ...     up_to=None, unit_price=Decimal(5))
        >>> volume = VolumePrice(tiers=(low, high))
        >>> never_falls(Price(key=PriceKey("calls"), model=volume, currency="EUR"))
        False
    """
    model = price.model
    if isinstance(model, FormulaPrice) or price.shares_tiers:
        return False
    if isinstance(model, StairstepPrice):
        return all(one.flat <= other.flat for one, other in pairwise(model.bands))
    if isinstance(model, VolumePrice):
        return all(_at_end(one) <= _right_above(one, other) for one, other in pairwise(model.bands))
    return True


def _at_end(band: Band) -> Decimal:
    """Return what a bounded tier's last quantity costs."""
    quantity = band.up_to or Decimal(0)
    units = quantity if band.package_size is None else started(quantity, band.package_size)
    return EXACT.fma(units, band.unit_price, band.flat)


def _right_above(before: Band, band: Band) -> Decimal:
    """Return what the first quantity of a tier costs, as near to the bound below it as may be."""
    units = before.up_to or Decimal(0)
    if band.package_size is not None:
        units = EXACT.add(EXACT.divide_int(units, band.package_size), Decimal(1))
    return EXACT.fma(units, band.unit_price, band.flat)

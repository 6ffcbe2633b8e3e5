"""
Stairstep price: one fee for the step into which the whole quantity falls.

    up to 10 for 100, up to 50 for 400, above for 900

    quantity 0 -> 0 (100 with flat_at_zero),  10 -> 100,  10.5 -> 400,  50 -> 400,  1,000 -> 900

A step's upper bound belongs to it. Steps are tiers without a price for each unit.

Where steps are counted beyond the period, the fee of the step on which one stood before has been
paid: after 8 another 5 cost 300, what the second step costs more than the first. A lower step that
costs more gives nothing back.
"""

from bisect import bisect_left
from collections.abc import Iterator
from dataclasses import dataclass, field
from decimal import Decimal

from tallystick.kernel import EXACT, Problem
from tallystick.pricing.charge import Step
from tallystick.pricing.detail import NO_DETAIL, Detail
from tallystick.pricing.models.tiers import Band, Tier, prepare_bands, tier_problems
from tallystick.pricing.validity import require

_NOTHING = Decimal(0)


@dataclass(frozen=True, slots=True, kw_only=True)
class StairstepPrice:
    """
    Tiers, of which the one reached costs its flat fee and nothing else.

    Attributes:
        tiers: ascending, the last one open; only ``up_to`` and ``flat``.
        flat_at_zero: whether the first fee is due at quantity 0.
    """

    tiers: tuple[Tier, ...]
    flat_at_zero: bool = False
    bands: tuple[Band, ...] = field(init=False, repr=False, compare=False)
    bounds: tuple[Decimal, ...] = field(init=False, repr=False, compare=False)

    def __post_init__(self) -> None:
        """Refuse tiers with gaps, overlaps or prices for units."""
        require([*tier_problems(self.tiers), *_unit_problems(self.tiers)])
        bounds = tuple(tier.up_to for tier in self.tiers if tier.up_to is not None)
        object.__setattr__(self, "bands", prepare_bands(self.tiers))
        object.__setattr__(self, "bounds", bounds)


def rate_stairstep(
    model: StairstepPrice, quantity: Decimal, detail: Detail = NO_DETAIL
) -> tuple[Step, ...]:
    """
    Return the step that the quantity reaches, with its fee, and what of it was paid before.

    Args:
        model: the steps.
        quantity: 0 or more, in the price's unit.
        detail: where the steps are counted from.

    Example:
        >>> small = Tier(up_to=Decimal(10), unit_price=Decimal(0), flat=Decimal(100))
        >>> large = Tier(up_to=None, unit_price=Decimal(0), flat=Decimal(400))
        >>> rate_stairstep(StairstepPrice(tiers=(small, large)), Decimal("10.5"))[0].amount
        Decimal('400')
    """
    reached = EXACT.add(detail.start, quantity) if detail.start else quantity
    band = model.bands[bisect_left(model.bounds, reached)]
    fee = band.flat if reached or model.flat_at_zero else _NOTHING
    if not detail.start and not detail.first_paid:
        return (_fee(band.label, fee),)
    before = model.bands[bisect_left(model.bounds, detail.start)]
    paid = EXACT.minus(min(before.flat, fee))
    return (_fee(band.label, fee), _fee(f"paid before: {before.label}", paid))


def _fee(label: str, fee: Decimal) -> Step:
    return Step(label=label, quantity=None, unit_price=None, flat=fee, amount=fee)


def _unit_problems(tiers: tuple[Tier, ...]) -> Iterator[Problem]:
    for index, tier in enumerate(tiers):
        if tier.unit_price or tier.package_size is not None:
            name = "unit_price" if tier.unit_price else "package_size"
            message = "a stairstep costs its flat fee alone; leave this out, or choose volume"
            field_ = f"tiers[{index}].{name}"
            yield Problem(code="stair_takes_no_unit_price", message=message, field=field_)

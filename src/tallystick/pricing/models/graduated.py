"""
Graduated price: each unit is priced in the tier into which it falls.

    up to 10 at 10 + flat 2, up to 20 at 5 + flat 3, above at 5 + flat 3

    quantity  0 -> 0 (2 with flat_at_zero)
    quantity 10 -> 100 + 2                            = 102
    quantity 11 -> 100 + 2 + 5 + 3                    = 110
    quantity 21 -> 100 + 2 + 50 + 3 + 5 + 3           = 163
    quantity 11 after 10 before it -> 50 + 3 + 5 + 3  = 61

A tier's upper bound belongs to it, so fractional quantities never fall between tiers. Others differ
at zero: one billing product charges tier one's flat fee without any usage, another does not; here
the price says which with ``flat_at_zero``.

Where tiers are counted beyond the period, the quantity goes on where the one before it ended, and a
flat fee is due in the period in which its tier is first reached.

With ``prorated`` the quantity is a level, and each change of it is charged for the rest of the
period (``walked.py``).

Not here: unit conversion (before), allowance (``stages/allowance.py``), discounts.
"""

from dataclasses import dataclass, field
from decimal import Decimal

from tallystick.kernel import EXACT
from tallystick.pricing.charge import Step
from tallystick.pricing.detail import NO_DETAIL, Detail, Need, Unrateable
from tallystick.pricing.models.package import started
from tallystick.pricing.models.tiers import Band, Tier, prepare_bands, tier_problems
from tallystick.pricing.models.walked import held_in, walk_changes
from tallystick.pricing.validity import require

_NOTHING = Decimal(0)


@dataclass(frozen=True, slots=True, kw_only=True)
class GraduatedPrice:
    """
    Tiers, each pricing its own part of the quantity.

    Attributes:
        tiers: ascending, the last one open.
        flat_at_zero: whether tier one's flat fee is due at quantity 0.
        prorated: whether the quantity is a level, each change of which is charged for the rest of
            its period in the tiers that it passes through.
    """

    tiers: tuple[Tier, ...]
    flat_at_zero: bool = False
    prorated: bool = False
    bands: tuple[Band, ...] = field(init=False, repr=False, compare=False)

    def __post_init__(self) -> None:
        """Refuse tiers with gaps, overlaps or negative prices."""
        require(tier_problems(self.tiers))
        object.__setattr__(self, "bands", prepare_bands(self.tiers))


def graduated_need(model: GraduatedPrice) -> Need:
    """Return what has to be known: each change of the level, or the quantity alone."""
    return Need.CHANGES if model.prorated else Need.NOTHING


def rate_graduated(
    model: GraduatedPrice, quantity: Decimal, detail: Detail = NO_DETAIL
) -> tuple[Step, ...]:
    """
    Return one step for each tier reached, the first one's always.

    Args:
        model: the tiers.
        quantity: 0 or more, in the price's unit.
        detail: where the tiers are counted from; the changes of a level.

    Raises:
        Unrateable: a prorated level without its changes.

    Example:
        >>> low = Tier(up_to=Decimal(10), unit_price=Decimal(10), flat=Decimal(2))
        >>> high = Tier(up_to=None, unit_price=Decimal(5), flat=Decimal(3))
        >>> steps = rate_graduated(GraduatedPrice(tiers=(low, high)), Decimal(12))
        >>> [(step.quantity, step.amount) for step in steps]
        [(Decimal('10'), Decimal('102')), (Decimal('2'), Decimal('13'))]
    """
    if model.prorated:
        if quantity and not detail.changes:
            raise Unrateable("a prorated price needs each change of the level")
        return walk_changes(model.bands, detail, flat_at_zero=model.flat_at_zero)
    if detail.start or detail.first_paid:
        return _continued(model, quantity, detail)
    steps = []
    for label, above, up_to, width, unit_price, flat, package_size in model.bands:
        last = up_to is None or quantity <= up_to
        part = EXACT.subtract(quantity, above) if last else width
        if package_size is not None:
            part = started(part, package_size)
        fee = flat if quantity or model.flat_at_zero else _NOTHING
        amount = EXACT.fma(part, unit_price, fee)
        steps.append(
            Step(label=label, quantity=part, unit_price=unit_price, flat=fee, amount=amount)
        )
        if last:
            break
    return tuple(steps)


def _continued(model: GraduatedPrice, quantity: Decimal, detail: Detail) -> tuple[Step, ...]:
    """Return the steps of a quantity that follows another one, by whole tiers and what is paid."""
    start = detail.start
    end = EXACT.add(start, quantity)
    steps: list[Step] = []
    for band in model.bands:
        if band.up_to is not None and band.up_to <= start and quantity:
            continue
        if band.up_to is not None and band.up_to < start:
            continue
        if steps and end <= band.above:
            break
        part = EXACT.subtract(held_in(band, end), held_in(band, start))
        is_paid = detail.first_paid and not band.above
        fee = band.flat if start <= band.above < end and not is_paid else _NOTHING
        amount = EXACT.fma(part, band.unit_price, fee)
        steps.append(
            Step(
                label=band.label,
                quantity=part,
                unit_price=band.unit_price,
                flat=fee,
                amount=amount,
            )
        )
    return tuple(steps)

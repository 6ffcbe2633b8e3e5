"""
Committed price: a quantity that is paid whether it is used or not, and another price above it.

    100 committed at 0.05, above at 0.08:  quantity 0 -> 5,  60 -> 5,  100 -> 5,  130 -> 5 + 2.40

The commitment belongs to each period and to each group of the price; a part of a period commits to
its share. With ``each`` it belongs to each window of the period instead (``each_window.py``). With
``true_up`` false what is not used is not paid. A commitment in money is that amount by the unit
price: 10.00 at 2.00 a unit are 5 units.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from decimal import Decimal

from tallystick.kernel import EXACT, plain
from tallystick.pricing.charge import Step
from tallystick.pricing.detail import NO_DETAIL, Detail, Need, Unrateable
from tallystick.pricing.models.each_window import Committed, EachWindow, committed_of
from tallystick.pricing.validity import negative_problems, require

_NOTHING = Decimal(0)


@dataclass(frozen=True, slots=True, kw_only=True)
class CommittedPrice:
    """
    What is paid in any case, and what more costs.

    Attributes:
        commitment: quantity paid in any case, in the price's unit, 0 or more.
        unit_price: price of one unit of it, in major units, 0 or more.
        overage_price: price of one unit above it, in major units, 0 or more.
        true_up: whether what is not used is paid.
        each: the windows to each of which the commitment belongs; None for the period.
    """

    commitment: Decimal
    unit_price: Decimal
    overage_price: Decimal
    true_up: bool = True
    each: EachWindow | None = None

    def __post_init__(self) -> None:
        """Refuse negative numbers."""
        require(
            (
                *negative_problems("commitment", self.commitment),
                *negative_problems("unit_price", self.unit_price),
                *negative_problems("overage_price", self.overage_price),
            )
        )


def committed_need(model: CommittedPrice) -> Need:
    """Return what has to be known: the quantity of each window, or the quantity alone."""
    return Need.NOTHING if model.each is None else Need.PARTS


def rate_committed(
    model: CommittedPrice, quantity: Decimal, detail: Detail = NO_DETAIL
) -> tuple[Step, ...]:
    """
    Return what was used of the commitment, what was not, and what lies above it.

    Args:
        model: the commitment.
        quantity: 0 or more, in the price's unit.
        detail: with windows, the quantity of each, and how many there are.

    Raises:
        Unrateable: more windows were used than there are, or none is known.

    Example:
        >>> model = CommittedPrice(
        ...     commitment=Decimal(100), unit_price=Decimal("0.05"), overage_price=Decimal("0.08")
        ... )
        >>> [(step.label, step.amount) for step in rate_committed(model, Decimal(60))]
        [('committed and used', Decimal('3.00')), ('committed, not used', Decimal('2.00'))]
    """
    if model.each is not None:
        if quantity and not detail.parts:
            raise Unrateable("a commitment for each window needs the quantity of each")
        found = committed_of(model.commitment, detail)
    else:
        used = min(quantity, model.commitment)
        above = max(_NOTHING, EXACT.subtract(quantity, model.commitment))
        unused = EXACT.subtract(model.commitment, used)
        found = Committed(used=used, unused=unused, above=above, outside=_NOTHING)
    return tuple(_steps(model, found))


def _steps(model: CommittedPrice, found: Committed) -> Iterator[Step]:
    each = "" if model.each is None else f" in each {model.each.window.replace('_', ' ')}"
    yield _step(f"committed and used{each}", found.used, model.unit_price)
    if found.unused and model.true_up:
        yield _step(f"committed, not used{each}", found.unused, model.unit_price)
    if found.above:
        label = f"above the commitment of {plain(model.commitment)}{each}"
        yield _step(label, found.above, model.overage_price)
    if found.outside and model.each is not None:
        yield _step("at other times", found.outside, model.each.band.unit_price)


def _step(label: str, quantity: Decimal, price: Decimal) -> Step:
    amount = EXACT.multiply(quantity, price)
    return Step(label=label, quantity=quantity, unit_price=price, flat=_NOTHING, amount=amount)

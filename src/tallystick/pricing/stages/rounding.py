"""
Rounding of the quantity: to multiples of a step, and up to a least quantity of what was used.

    step 60 up (granularity of a minute):   61 seconds -> 120
    step 1 nearest:                         2.5 -> 3,  2.4 -> 2
    step 100 down:                          250 -> 200
    at least 3,600 (an hour):               180 -> 3,600,  0 -> 0

It comes before everything else, on the quantity of a period and group: what shall be rounded for
each resource is grouped by it.
"""

from dataclasses import dataclass
from decimal import ROUND_CEILING, ROUND_FLOOR, ROUND_HALF_UP, Decimal

from tallystick.kernel import EXACT, Problem, nearest, plain
from tallystick.pricing.charge import Step
from tallystick.pricing.validity import positive_problems, require

MODES = {"up": ROUND_CEILING, "down": ROUND_FLOOR, "nearest": ROUND_HALF_UP}
_NOTHING = Decimal(0)
_ONE = Decimal(1)


@dataclass(frozen=True, slots=True, kw_only=True)
class QuantityRounding:
    """
    How a quantity is rounded.

    Attributes:
        step: it becomes a multiple of this, in the price's unit, above 0.
        mode: ``up``, ``down``, or ``nearest``, where half a step goes up.
    """

    step: Decimal = _ONE
    mode: str = "up"

    def __post_init__(self) -> None:
        """Refuse a step that is none and a mode that is unknown."""
        problems = [*positive_problems("step", self.step)]
        if self.mode not in MODES:
            near = nearest(self.mode, MODES)
            hint = f"did you mean {near}?" if near else f"known are {', '.join(MODES)}"
            message = f"{self.mode[:60]!r} is not a mode of rounding; {hint}"
            problems.append(Problem(code="unknown_mode", message=message, field="mode"))
        require(problems)


def round_quantity(
    quantity: Decimal, *, rounding: QuantityRounding | None, least: Decimal
) -> tuple[Decimal, tuple[Step, ...]]:
    """
    Return the quantity that is priced, and a step for each change that was made.

    Args:
        quantity: 0 or more; 0 stays 0.
        rounding: None for none.
        least: what a quantity above 0 is raised to; 0 for nothing.

    Example:
        >>> up = QuantityRounding(step=Decimal(60))
        >>> quantity, (step,) = round_quantity(Decimal(61), rounding=up, least=Decimal(0))
        >>> quantity, step.label
        (Decimal('120'), 'rounded up from 61 to 120')
    """
    steps: list[Step] = []
    if not quantity:
        return quantity, ()
    if quantity < least:
        steps.append(_told(f"raised from {plain(quantity)} to at least {plain(least)}"))
        quantity = least
    if rounding is not None:
        times = EXACT.divide(quantity, rounding.step)
        whole = times.to_integral_value(rounding=MODES[rounding.mode], context=EXACT)
        rounded = EXACT.multiply(whole, rounding.step)
        if rounded != quantity:
            how = "to the nearest" if rounding.mode == "nearest" else rounding.mode
            steps.append(_told(f"rounded {how} from {plain(quantity)} to {plain(rounded)}"))
            quantity = rounded
    return quantity, tuple(steps)


def _told(label: str) -> Step:
    return Step(label=label, quantity=None, unit_price=None, flat=_NOTHING, amount=_NOTHING)

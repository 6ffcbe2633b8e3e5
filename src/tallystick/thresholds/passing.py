"""
How often a value has passed a threshold, and what is told of it.

Percentages are compared without dividing: 800.1 of 1,000.1 passes 80 % when 100 x 800.1 is at least
80 x 1,000.1.  Where a limit makes a threshold 0 (nothing is allowed), any use passes it and none
does not; what recurs has no steps there.  Credit passes 0 when nothing is left, and no share of
credit that was never granted.
"""

from dataclasses import dataclass
from datetime import datetime
from decimal import ROUND_HALF_UP, Decimal

from tallystick.kernel import EXACT
from tallystick.thresholds.threshold import Threshold, Watch

_HUNDRED = Decimal(100)
_ONE = Decimal(1)
_TENTH = Decimal("0.1")


@dataclass(frozen=True, slots=True, kw_only=True)
class Crossing:
    """
    That a value passed a threshold.

    Attributes:
        threshold: which.
        at: when the value was read.
        value: what was read; for a projected threshold what is expected.
        limit: the limit then; None: there was none.
        level: the value from which on the threshold is passed; of a recurring one the highest step.
        times: how many steps of a recurring threshold were passed at once, else 1.
        by_limit: whether a new limit brought it about, the old one not being passed.
    """

    threshold: Threshold
    at: datetime
    value: Decimal
    limit: Decimal | None
    level: Decimal
    times: int = 1
    by_limit: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Measure:
    """
    A value beside a limit, as thresholds of a watch are compared with it.

    Attributes:
        value: exact; below 0 where corrections or debts say so.
        limit: 0 or more; None: none, so that no percentage is passed.
    """

    value: Decimal
    limit: Decimal | None


def percent_of(value: Decimal, limit: Decimal | None) -> Decimal | None:
    """
    Return how much of a limit is used, in percent with one decimal, half away from zero.

    None where there is no limit, or one of 0.

    Example:
        >>> percent_of(Decimal(847_293), Decimal(1_000_000)), percent_of(Decimal(1), Decimal(0))
        (Decimal('84.7'), None)
    """
    if not limit:
        return None
    exact = EXACT.divide(EXACT.multiply(value, _HUNDRED), limit)
    return exact.quantize(_TENTH, rounding=ROUND_HALF_UP, context=EXACT)


def times_passed(
    watch: Watch, one: Threshold, measure: Measure, *, back: Decimal = Decimal(0)
) -> int:
    """
    Return how often a value has passed a threshold: 0 or 1, or more of one that recurs.

    Args:
        watch: whose threshold it is.
        one: the threshold.
        measure: value and limit.
        back: count as if the value stood so much further beyond, in the unit of the threshold.

    Example:
        >>> from tallystick.thresholds import Basis, Watched
        >>> every = Threshold(amount=Decimal(1000), basis=Basis.ABSOLUTE, recurring=True)
        >>> watch = Watch(watched=Watched.SPEND, thresholds=(every,))
        >>> times_passed(watch, every, Measure(value=Decimal(3080), limit=None))
        3
    """
    unit = _unit(one, measure.limit)
    if unit is None or (watch.watched.falls and not unit):
        return 0
    scaled = EXACT.multiply(measure.value, _HUNDRED if one.basis.is_relative else _ONE)
    shift = EXACT.multiply(back, unit)
    step = EXACT.multiply(one.amount, unit)
    if watch.watched.falls:
        seen = EXACT.subtract(scaled, shift)
        return int(seen < step if step else seen <= step)
    seen = EXACT.add(scaled, shift)
    if not one.recurring:
        return int(seen >= step if step else seen > step)
    beyond = EXACT.subtract(seen, EXACT.multiply(first_step(watch, one), unit))
    return int(EXACT.divide_int(beyond, step)) if step and beyond > 0 else 0


def level_of(watch: Watch, one: Threshold, limit: Decimal | None, times: int) -> Decimal:
    """Return the value at which a threshold is passed for the so many-th time."""
    unit = _unit(one, limit) or Decimal(0)
    amount = one.amount
    if one.recurring:
        steps = EXACT.multiply(one.amount, Decimal(times))
        amount = EXACT.add(first_step(watch, one), steps)
    level = EXACT.multiply(amount, unit)
    return level.scaleb(-2, EXACT) if one.basis.is_relative else level


def first_step(watch: Watch, recurring: Threshold) -> Decimal:
    """Return from where a recurring threshold counts: the highest like it that does not recur."""
    return max(
        (
            one.amount
            for one in watch.thresholds
            if one.basis is recurring.basis and not one.recurring
        ),
        default=Decimal(0),
    )


def _unit(one: Threshold, limit: Decimal | None) -> Decimal | None:
    return limit if one.basis.is_relative else _ONE

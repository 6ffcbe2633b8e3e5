"""
`time_weighted`: the integral of a level over time.

A value holds from its instant to the next value of its series, across window borders, until the
span of its subject ends. ``hold_seconds_max`` bounds how long; what lies beyond, up to the next
value or the end, is a gap: reported always, in the quantity only with ``gap_policy`` hold. The last
value is carried equally far, but never beyond ``until`` (the present). Of several values at one
instant the last in event order holds.

    hold_seconds_max 600, values 2 at 00:00 and 3 at 00:15, window one hour, nothing after:
    2 x 600 s + 3 x 600 s = 3,000; gaps 300 s + 2,100 s

The numerator is value x microseconds, exact; the denominator 1,000,000.
"""

from dataclasses import dataclass, replace
from decimal import Decimal

from tallystick.kernel import EXACT
from tallystick.metering.aggregations.rule import FoldRule, Taken, value_of
from tallystick.metering.fold import ZERO, Fold
from tallystick.metering.series import FOREVER, Strand

MICROS_PER_SECOND = 1_000_000


@dataclass(slots=True)
class _Integral:
    total: Decimal = ZERO
    gap_micros: int = 0
    gaps: int = 0


def fold_time_weighted(taken: Taken) -> Fold:
    """Return the integral of all series' levels over the window, with the gaps in it."""
    meter = taken.meter
    reach = (
        FOREVER if meter.hold_seconds_max is None else meter.hold_seconds_max * MICROS_PER_SECOND
    )
    until = FOREVER if taken.until is None else taken.until
    integral = _Integral()
    for strand in taken.strands:
        _integrate(strand, reach=reach, until=until, fill=meter.gap_policy == "hold", into=integral)
    return replace(
        taken.folded(integral.total, Decimal(MICROS_PER_SECOND)),
        gap_seconds=Decimal(integral.gap_micros).scaleb(-6),
        gaps=integral.gaps,
    )


def _integrate(strand: Strand, *, reach: int, until: int, fill: bool, into: _Integral) -> None:
    end = min(strand.end, until)
    readings = strand.with_carried()
    nexts = [reading.at for reading in readings[1:]] + [FOREVER]
    for reading, following in zip(readings, nexts, strict=False):
        held_until = min(following, reading.at + reach)
        held = _shared(reading.at, held_until, strand.start, end)
        lost = _shared(held_until, following, strand.start, end)
        billed = held + lost if fill else held
        into.total = EXACT.add(into.total, EXACT.multiply(value_of(reading), Decimal(billed)))
        into.gap_micros += lost
        into.gaps += lost > 0


def _shared(start: int, end: int, other_start: int, other_end: int) -> int:
    """Return the microseconds that two half-open stretches share."""
    return max(0, min(end, other_end) - max(start, other_start))


TIME_WEIGHTED = FoldRule(fold=fold_time_weighted, adds=True, carries=True)

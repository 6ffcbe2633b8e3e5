"""What an aggregation is made of: its fold, and what may be done with the result."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from decimal import Decimal
from typing import TypeAlias

from tallystick.kernel import InvariantBroken
from tallystick.metering.fold import ONE, ZERO, Fold
from tallystick.metering.meter import Meter
from tallystick.metering.reading import Reading
from tallystick.metering.series import Strand


@dataclass(frozen=True, slots=True, kw_only=True)
class Taken:
    """
    All that a window takes, to be folded into one quantity.

    Attributes:
        meter: the definition to apply.
        strands: what it takes of each series.
        until: microsecond beyond which no level is carried; None for the window's end.
        cuts: microseconds at which the window's sub-windows begin; for peaks only.
    """

    meter: Meter
    strands: Sequence[Strand]
    until: int | None
    cuts: tuple[int, ...] = ()

    def readings(self) -> list[Reading]:
        """Return all readings inside, series after series."""
        return [reading for strand in self.strands for reading in strand.readings]

    def values(self) -> list[Decimal]:
        """Return the values of all readings inside."""
        return [value_of(reading) for reading in self.readings()]

    def folded(self, numerator: Decimal, denominator: Decimal = ONE) -> Fold:
        """Return a fold of a numerator, with the events counted and no gap."""
        return Fold(
            numerator=numerator or ZERO,
            denominator=denominator,
            events=sum(len(strand.readings) for strand in self.strands),
            unmeterable=sum(len(strand.unmeterable) for strand in self.strands),
            gap_seconds=ZERO,
        )


FoldFunction: TypeAlias = Callable[[Taken], Fold]


@dataclass(frozen=True, slots=True, kw_only=True)
class FoldRule:
    """
    One aggregation.

    Attributes:
        fold: from what a window takes to a fold.
        adds: whether the quantities of parts of a window add up to the whole.
        carries: whether the reading before a window matters.
    """

    fold: FoldFunction
    adds: bool
    carries: bool = False


def value_of(reading: Reading) -> Decimal:
    """Return the number of a reading that was found meterable."""
    if reading.value is None:
        raise InvariantBroken(f"event {reading.event.id} was taken without a value")
    return reading.value

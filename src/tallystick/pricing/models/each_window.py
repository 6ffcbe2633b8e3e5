"""
A commitment for each window: so much in every hour, day or week, whether it is used or not.

    5 units an hour at 2, above at 4; 2 used in one hour, 8 in the next, nothing in 22 more

    committed and used      2 + 5 at 2
    committed, not used     3 + 22 x 5 at 2
    above the commitment    3 at 4

Windows are those of the payer's local clock.  Where the commitment is for a part of the day alone,
a window belongs where it begins, and what is used outside has a price of its own.  A window that
the border of a service period cuts is a window in each of its parts: no bill waits for the other.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from decimal import Decimal

from tallystick.kernel import EXACT, Problem
from tallystick.metering import PeakPer
from tallystick.pricing.detail import Detail, Unrateable
from tallystick.pricing.models.time_of_use import TimeBand, time_problems
from tallystick.pricing.validity import negative_problems, require

OUTSIDE = "outside"
_NOTHING = Decimal(0)
_WINDOWS = tuple(each.value for each in PeakPer)


@dataclass(frozen=True, slots=True, kw_only=True)
class EachWindow:
    """
    The windows that are committed to.

    Attributes:
        window: ``quarter_hour``, ``hour``, ``day``, ``week`` or ``month``.
        begin: local time from which windows are committed to.
        end: local time before which they begin; ``24:00`` for midnight.
        days: names of the weekdays, ``mon`` to ``sun``; empty for all.
        otherwise: price of a unit outside these times; None where there is no outside.
    """

    window: str
    begin: str = "00:00"
    end: str = "24:00"
    days: tuple[str, ...] = ()
    otherwise: Decimal | None = None

    def __post_init__(self) -> None:
        """Refuse windows that are not known, times that are none, an outside without a price."""
        require(_problems(self))

    @property
    def is_always(self) -> bool:
        """Whether all windows are committed to."""
        return not self.days and (self.begin, self.end) == ("00:00", "24:00")

    @property
    def band(self) -> TimeBand:
        """Return the part of the day in which committed windows begin."""
        price = _NOTHING if self.otherwise is None else self.otherwise
        return TimeBand(
            name=OUTSIDE, unit_price=price, begin=self.begin, end=self.end, days=self.days
        )


@dataclass(frozen=True, slots=True, kw_only=True)
class Committed:
    """What windows come to together: used within the commitment, not used, above it, outside."""

    used: Decimal
    unused: Decimal
    above: Decimal
    outside: Decimal


def committed_of(commitment: Decimal, detail: Detail) -> Committed:
    """
    Return what the windows of a period come to against a commitment for each.

    Args:
        commitment: of each window, in the price's unit.
        detail: the quantity of each window in which anything was used, and how many there are.

    Raises:
        Unrateable: more windows were used than there are.

    Example:
        >>> from tallystick.pricing.detail import Part
        >>> used = tuple(Part(name=str(n), quantity=Decimal(q)) for n, q in enumerate((2, 8)))
        >>> committed_of(Decimal(5), Detail(parts=used, windows=24)).unused
        Decimal('113')
    """
    inside = [part.quantity for part in detail.parts if part.name != OUTSIDE]
    if len(inside) > detail.windows:
        raise Unrateable(f"{len(inside)} windows were used of {detail.windows} that there are")
    used = above = outside = _NOTHING
    for quantity in inside:
        within = max(_NOTHING, min(quantity, commitment))
        used = EXACT.add(used, within)
        above = EXACT.add(above, EXACT.subtract(quantity, within)) if quantity > within else above
    for part in detail.parts:
        outside = EXACT.add(outside, part.quantity) if part.name == OUTSIDE else outside
    whole = EXACT.multiply(commitment, Decimal(detail.windows))
    return Committed(used=used, unused=EXACT.subtract(whole, used), above=above, outside=outside)


def _problems(each: EachWindow) -> Iterator[Problem]:
    if each.window not in _WINDOWS:
        message = f"{each.window[:60]!r} is no window; known are {', '.join(_WINDOWS)}"
        yield Problem(code="unknown_window", message=message, field="window")
    yield from time_problems(each.band, "")
    if each.otherwise is not None:
        yield from negative_problems("otherwise", each.otherwise)
    elif not each.is_always:
        message = "say what a unit costs at the other times"
        yield Problem(code="missing", message=message, field="otherwise")

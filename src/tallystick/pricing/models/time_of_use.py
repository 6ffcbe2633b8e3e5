"""
Time-of-use price: the price of a unit depends on the local time at which it was used.

    peak Monday to Friday 08:00 to 20:00 at 0.30, night 22:00 to 06:00 at 0.10, otherwise 0.20

    Tuesday: 4 used at 09:00, 2 at 21:00, 3 at 23:00  ->  1.20 + 0.40 + 0.30 = 1.90

Of the bands that hold an instant the first one decides. A band ends before its ``end``; one whose
end is not after its beginning goes over midnight and belongs to the day on which it begins. The
local time is that of the payer's zone, so an hour that summer time repeats is twice in its band and
one that it leaves out is in none.

Not here: cutting a period at the bands (``time_pieces.py``); the quantities come by band.
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from decimal import Decimal

from tallystick.kernel import EXACT, Problem, is_key
from tallystick.pricing.charge import Step
from tallystick.pricing.detail import NO_DETAIL, Detail, Unrateable
from tallystick.pricing.validity import negative_problems, require

WEEKDAYS = ("mon", "tue", "wed", "thu", "fri", "sat", "sun")
OTHERWISE = "otherwise"
BANDS_MAX = 50
_NOTHING = Decimal(0)
_CLOCK = re.compile(r"(?:[01][0-9]|2[0-3]):[0-5][0-9]|24:00")


@dataclass(frozen=True, slots=True, kw_only=True)
class TimeBand:
    """
    A stretch of the local day with a price of its own.

    Attributes:
        name: a key, as it stands on the step.
        unit_price: price of one unit in major units, 0 or more.
        begin: local time from which it applies: ``08:00``.
        end: local time before which it ends: ``20:00``; ``24:00`` for midnight.
        days: names of the weekdays on which it begins, ``mon`` to ``sun``; empty for all.
    """

    name: str
    unit_price: Decimal
    begin: str = "00:00"
    end: str = "24:00"
    days: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class TimeOfUsePrice:
    """
    Bands of the day, and the price of the time that none of them holds.

    Attributes:
        bands: at least one; of those that hold an instant the first decides.
        otherwise: price of one unit outside all bands, in major units, 0 or more.
    """

    bands: tuple[TimeBand, ...]
    otherwise: Decimal

    def __post_init__(self) -> None:
        """Refuse bands that cannot be told apart or lie at no time."""
        require([*negative_problems("otherwise", self.otherwise), *_problems(self.bands)])


def rate_time_of_use(
    model: TimeOfUsePrice, quantity: Decimal, detail: Detail = NO_DETAIL
) -> tuple[Step, ...]:
    """
    Return a step for each band in which anything was used, in the order of the bands.

    Args:
        model: the bands.
        quantity: 0 or more, in the price's unit.
        detail: the quantity by name of the band, ``otherwise`` for the rest.

    Raises:
        Unrateable: the quantities of the bands are not there, or name a band that is not.

    Example:
        >>> peak = TimeBand(name="peak", unit_price=Decimal("0.3"), begin="08:00", end="20:00")
        >>> model = TimeOfUsePrice(bands=(peak,), otherwise=Decimal("0.2"))
        >>> from tallystick.pricing.detail import Part
        >>> used = Detail(parts=(Part(name="peak", quantity=Decimal(4)),))
        >>> rate_time_of_use(model, Decimal(4), used)[0].amount
        Decimal('1.2')
    """
    prices = {band.name: band.unit_price for band in model.bands} | {OTHERWISE: model.otherwise}
    used = dict.fromkeys(prices, _NOTHING)
    for part in detail.parts:
        if part.name not in used:
            raise Unrateable(f"there is no band {part.name!r}; known are {', '.join(used)}")
        used[part.name] = EXACT.add(used[part.name], part.quantity)
    if quantity and not detail.parts:
        raise Unrateable("a time-of-use price needs the quantity of each band")
    steps = [_step(name, each, prices[name]) for name, each in used.items() if each]
    return tuple(steps) or (_step(OTHERWISE, _NOTHING, model.otherwise),)


def minutes_of(clock: str) -> int:
    """
    Return the minutes from midnight of a local time.

    Example:
        >>> minutes_of("08:30"), minutes_of("24:00")
        (510, 1440)
    """
    return int(clock[:2]) * 60 + int(clock[3:])


def _step(name: str, quantity: Decimal, price: Decimal) -> Step:
    amount = EXACT.multiply(quantity, price)
    return Step(label=name, quantity=quantity, unit_price=price, flat=_NOTHING, amount=amount)


def _problems(bands: tuple[TimeBand, ...]) -> Iterator[Problem]:
    if not 0 < len(bands) <= BANDS_MAX:
        message = f"give 1 to {BANDS_MAX} bands, not {len(bands)}"
        yield Problem(code="no_bands", message=message, field="bands")
    names = [OTHERWISE]
    for index, band in enumerate(bands):
        path = f"bands[{index}]"
        yield from negative_problems(f"{path}.unit_price", band.unit_price)
        if not is_key(band.name) or band.name in names:
            message = f"{band.name[:60]!r} must be a key that no other band has"
            yield Problem(code="invalid_name", message=message, field=f"{path}.name")
        names.append(band.name)
        yield from time_problems(band, f"{path}.")


def time_problems(band: TimeBand, path: str) -> Iterator[Problem]:
    """
    Yield what is wrong with the times of a band.

    Args:
        band: with local times and weekdays.
        path: what stands before the names of its fields: ``bands[0].``.
    """
    for name, clock in (("begin", band.begin), ("end", band.end)):
        if not _CLOCK.fullmatch(clock) or (name == "begin" and clock == "24:00"):
            message = f"must be a local time such as 08:00, not {clock[:60]!r}"
            yield Problem(code="invalid_time", message=message, field=f"{path}{name}")
    if band.begin == band.end:
        message = "must differ from begin; leave both out for the whole day"
        yield Problem(code="invalid_time", message=message, field=f"{path}end")
    for day in band.days:
        if day not in WEEKDAYS:
            message = f"{day[:60]!r} is no weekday; known are {', '.join(WEEKDAYS)}"
            yield Problem(code="invalid_day", message=message, field=f"{path}days")

"""
Usage of a line, day by day in the payer's zone, for a reader who would rather look than read.

    calls, sum        January 1: 3, January 2: 5       the days add up to the line's quantity
    disk, level       January 1: 100 GiB, ...          the mean of the day, in the unit of the level
    users, unique     January 1: 7, January 2: 7       each day by itself; such days do not add up

A level of 100 GiB that is billed by the GiB-hour is shown as 100 GiB: that is what one recognizes.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal

from tallystick.invoicing.basis import Basis
from tallystick.invoicing.charging import billed_quantity
from tallystick.invoicing.invoice import Invoice, Purpose
from tallystick.invoicing.line import Line
from tallystick.kernel import EXACT, check, time_zone
from tallystick.metering import UsageRow

LINES_MAX = 3
DAYS_MAX = 366
_ORDERED = frozenset({Purpose.VOID, Purpose.CREDIT})


@dataclass(frozen=True, slots=True, kw_only=True)
class UsageByDay:
    """
    What a line's quantity was on each day.

    Attributes:
        line: its id.
        unit: of the values; a level's own unit, else that of the line.
        is_level: whether a value is the mean level of the day.
        days: each local day of the window that was measured, the first and last perhaps in part.
    """

    line: str
    unit: str
    is_level: bool
    days: tuple[tuple[date, Decimal], ...]


def charted_lines(invoice: Invoice) -> tuple[Line, ...]:
    """
    Return the lines of which usage is shown: metered ones that used anything, the heaviest three.

    Ties go by position. Notes that a person ordered follow from documents, not from usage.
    """
    if invoice.purpose in _ORDERED:
        return ()
    metered = [
        line for line in invoice.lines if line.measurement is not None and line.measurement.quantity
    ]
    return tuple(sorted(metered, key=lambda line: -abs(line.money.minor))[:LINES_MAX])


def usage_by_day(
    line: Line, basis: Basis, rows: Sequence[UsageRow], *, zone: str
) -> UsageByDay | None:
    """
    Return the usage of a line by day; None if there was none on any day.

    Args:
        line: of a metered price.
        basis: of the line's contract.
        rows: one for each day, in order of time, of the line's group alone.
        zone: IANA, of the payer; the days are local ones.
    """
    price = basis.price_of(line.key)
    check(price is not None, f"{line.key} has no price")
    if price is None or not any(row.fold.quantity for row in rows):
        return None
    meter, place = basis.meter_of(price), time_zone(zone)

    def shown(row: UsageRow) -> Decimal:
        if meter.is_level:
            return EXACT.divide(row.fold.quantity, row.window.seconds)
        return billed_quantity(row.fold.quantity, meter=meter, price=price, declared=basis.units)

    return UsageByDay(
        line=line.id,
        unit=meter.unit if meter.is_level else price.unit or meter.quantity_unit,
        is_level=meter.is_level,
        days=tuple((row.window.start.astimezone(place).date(), shown(row)) for row in rows),
    )

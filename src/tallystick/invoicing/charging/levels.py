"""
What a level did, in the terms of its price: changes with their shares of a period, runs.

    5 seats carried into a month of 30 days, 7 from the 10th on, by day

    January 1    +5  30/30
    January 10   +2  21/30      6.4 seats on average over the month

A change counts for what is left of its service period, in the share that a fee which begins then
would have: by the plan's mode of proration, a day belonging to the level at its end.  So the shares
of a level that goes up and down again add up to the days that it stood.  In a preview a change
counts until the period's end as well: that is what it comes to if nothing else changes.
"""

from collections.abc import Sequence
from decimal import Decimal
from fractions import Fraction

from tallystick.invoicing.basis import Basis
from tallystick.invoicing.due import Item
from tallystick.kernel import EXACT, Period, Quantity, conversion, convert, instant, micros, unit
from tallystick.metering import LevelRun, UsageRow
from tallystick.pricing import LevelStep, Price, Run, average_level
from tallystick.subscriptions import share_of_part

_NUMBER_DIGITS = 7
_BEGINS, _ENDS, _BEFORE = "begins", "ends", "after="


def name_of_run(number: int, run: LevelRun) -> str:
    """
    Return the name of a run among the rows of a detail; it says what the row's quantity does not.

    Example:
        >>> name_of_run(1, LevelRun(micros=70_000_000, integral=Decimal(70_000_000),
        ...                         last=Decimal(1), begins=True, ends=True))
        '0000001 70000000 1 begins ends'
    """
    words = [_BEGINS] * run.begins + [_ENDS] * run.ends
    words += [] if run.before is None else [f"{_BEFORE}{run.before}"]
    return " ".join([f"{number:0{_NUMBER_DIGITS}}", f"{run.micros}", f"{run.last:f}", *words])


def runs_of(basis: Basis, price: Price, rows: Sequence[UsageRow]) -> tuple[Run, ...]:
    """
    Return the runs behind the rows of a detail.

    Raises:
        UnitMismatch: the price's unit does not count the level over time.
    """
    meter = basis.meter_of(price)
    of, to = (
        unit(name, basis.units) for name in (meter.quantity_unit, price.unit or meter.quantity_unit)
    )
    in_price_unit = Fraction(*conversion(of, to))
    runs = []
    for row in rows:
        _, lasted, level, *words = row.group[-1].split(" ")
        runs.append(
            Run(
                seconds=Decimal(lasted).scaleb(-6),
                per_second=Fraction(level) * in_price_unit,
                begins=_BEGINS in words,
                ends=_ENDS in words,
                before=next(
                    (
                        Decimal(word.removeprefix(_BEFORE)).scaleb(-6)
                        for word in words
                        if word.startswith(_BEFORE)
                    ),
                    None,
                ),
            )
        )
    return tuple(runs)


def changes_of(
    basis: Basis, item: Item, rows: Sequence[UsageRow]
) -> tuple[Decimal, tuple[LevelStep, ...]]:
    """
    Return a level's average over the whole period, and the changes that lead to it.

    Args:
        basis: the contract.
        item: whose service period the changes lie in.
        rows: of the detail, in order of time.

    Raises:
        UnitMismatch: the price's unit is not one of the level.
    """
    meter = basis.meter_of(item.price)
    of, to = (unit(name, basis.units) for name in (meter.unit, item.price.unit or meter.unit))
    steps = []
    for row in rows:
        at = instant(row.group[-1])
        left = Decimal(micros(row.window.end) - micros(at))
        change = Quantity(value=EXACT.divide(row.fold.numerator, left), unit=of)
        rest = Period(start=at, end=item.period.end)
        steps.append(
            LevelStep(
                quantity=convert(change, to).value,
                share=share_of_part(rest, item.around, item.mode),
            )
        )
    return average_level(steps), tuple(steps)

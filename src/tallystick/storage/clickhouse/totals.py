"""
One compile function for each aggregation: its fold as sums over placed events.

Sums and products stay in Decimal256; the numerator is divided by the denominator in Python.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from types import MappingProxyType
from typing import TypeAlias

from tallystick.kernel import micros
from tallystick.metering import (
    PERCENTILE_PARTS,
    Aggregation,
    UsageQuery,
    cuts_begun,
    percentile_parts,
)
from tallystick.storage.clickhouse.bindings import Bindings
from tallystick.storage.clickhouse.windows import FOREVER

MICROS_PER_SECOND = 1_000_000


@dataclass(frozen=True, slots=True, kw_only=True)
class Totals:
    """
    Aggregate expressions over the placed events of one group.

    Attributes:
        numerator: a Decimal256 or a count.
        denominator: a whole number.
        gap_micros: microseconds without a recent value.
        gaps: stretches of them.
    """

    numerator: str
    denominator: str = "1"
    gap_micros: str = "0"
    gaps: str = "0"


# The windows of the query are those of one run, in its order: window w is the w-th.
Compile: TypeAlias = Callable[[UsageQuery, Bindings], Totals]


def compile_count(_query: UsageQuery, _bind: Bindings) -> Totals:
    """Count the events."""
    return Totals(numerator="countIf(readable)")


def compile_sum(_query: UsageQuery, _bind: Bindings) -> Totals:
    """Sum the values."""
    return Totals(numerator="sumIf(value, readable)")


def compile_max(_query: UsageQuery, _bind: Bindings) -> Totals:
    """Take the greatest value; that of none is 0."""
    return Totals(numerator="maxIf(value, readable)")


def compile_min(_query: UsageQuery, _bind: Bindings) -> Totals:
    """Take the least value; that of none is 0."""
    return Totals(numerator="minIf(value, readable)")


def compile_latest(_query: UsageQuery, _bind: Bindings) -> Totals:
    """Take the last value in event order; that of none is 0."""
    return Totals(numerator="argMaxIf(value, (at, sequence, source, id), readable)")


def compile_unique(_query: UsageQuery, _bind: Bindings) -> Totals:
    """Count the distinct texts, exactly."""
    return Totals(numerator="uniqExactIf(text, readable)")


def compile_avg(_query: UsageQuery, _bind: Bindings) -> Totals:
    """Sum the values over their number."""
    return Totals(numerator="sumIf(value, readable)", denominator="countIf(readable)")


def compile_time_weighted(query: UsageQuery, bind: Bindings) -> Totals:
    """Sum value x microseconds over what each part shares with the time a value holds."""
    hold = query.meter.hold_seconds_max
    until = bind.whole(FOREVER if query.until is None else micros(query.until))
    held_until = (
        "next_at"
        if hold is None
        else f"least(next_at, at + {bind.whole(hold * MICROS_PER_SECOND)})"
    )
    end = f"least(b, {until})"
    held = _shared("at", held_until, end)
    lost = _shared(held_until, "next_at", end)
    billed = f"({held} + {lost})" if query.meter.gap_policy == "hold" else held
    return Totals(
        numerator=f"sumIf(value * {billed}, readable)",
        denominator=str(MICROS_PER_SECOND),
        gap_micros=f"sumIf({lost}, readable)",
        gaps=f"countIf(readable AND {lost} > 0)",
    )


def compile_counter(query: UsageQuery, bind: Bindings) -> Totals:
    """Sum the rise of each reading over the one before, at the later one's instant."""
    began_anew = "notEmpty(epoch) AND notEmpty(last_epoch) AND epoch != last_epoch"
    fallen = "value"
    if query.meter.wrap_bits:
        width = f"toDecimal256({bind.text(str(1 << query.meter.wrap_bits))}, 18)"
        fallen = f"if(last_value < {width}, value - last_value + {width}, value)"
    rise = f"multiIf({began_anew}, value, value >= last_value, value - last_value, {fallen})"
    return Totals(numerator=f"sumIf({rise}, readable AND has_last AND at >= a)")


def compile_percentile(query: UsageQuery, bind: Bindings) -> Totals:
    """Take the value at the percentile's rank among all; that of none is 0."""
    parts = bind.whole(percentile_parts(query.meter.percentile))
    most = PERCENTILE_PARTS - 1
    rank = f"intDiv({parts} * toInt64(countIf(readable)) + {most}, {PERCENTILE_PARTS})"
    return Totals(numerator=f"arraySort(groupArrayIf(value, readable))[{rank}]")


def compile_peak(query: UsageQuery, bind: Bindings) -> Totals:
    """Sum the greatest values of the sub-windows, over 1 or over their number."""
    cuts = [query.cuts(index) for index in range(len(query.windows))]
    marks = bind.wholes(sorted({cut for one in cuts for cut in one}))
    peaks = f"maxMapIf(map(roundDown(at, {marks}), value), readable)"
    until = None if query.until is None else micros(query.until)
    counts = [cuts_begun(one, until) for one in cuts]
    averaged = query.meter.peak is not None and query.meter.peak.take == "average"
    return Totals(
        numerator=f"arraySum(mapValues({peaks}))",
        denominator=f"{bind.wholes(counts)}[w]" if averaged else "1",
    )


def _shared(start: str, end: str, part_end: str) -> str:
    """Return the microseconds that a stretch shares with the part from a to its end."""
    return f"greatest(toInt64(0), least({end}, {part_end}) - greatest({start}, a))"


COMPILE: Mapping[Aggregation, Compile] = MappingProxyType(
    {
        Aggregation.COUNT: compile_count,
        Aggregation.SUM: compile_sum,
        Aggregation.MAX: compile_max,
        Aggregation.MIN: compile_min,
        Aggregation.LATEST: compile_latest,
        Aggregation.UNIQUE: compile_unique,
        Aggregation.AVG: compile_avg,
        Aggregation.TIME_WEIGHTED: compile_time_weighted,
        Aggregation.COUNTER: compile_counter,
        Aggregation.PERCENTILE: compile_percentile,
        Aggregation.PEAK: compile_peak,
    }
)

"""
What a level did within a window: when it changed and by how much, and when it ran.

    seats, January: 5 carried in, 7 from the 10th on, 4 from the 20th on

    changes   January 1: +5   January 10: +2   January 20: -3

    a machine: 1 at 10:20, 1 at 10:40, 0 at 11:00, 1 at 11:00, still 1 at the window's end

    runs      10:20 to 11:00   11:00 on (a stop and a start at one instant are two runs)

Both are read from the same stretches as the integral of the level, so that they add up to it: a
change times the time from it to the window's end; the level of a run times its time.  Series of a
group are added up for changes, at each instant all together; runs are those of each series.

For prices that charge each change for the rest of a period, or round each run.  Source: the
project's semantics, "Meters" (a level holds over period boundaries) and "Prices".
"""

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from decimal import Decimal
from functools import partial
from typing import TypeAlias

from tallystick.kernel import EXACT, Misuse, Period, from_micros, micros
from tallystick.metering.aggregations.rule import value_of
from tallystick.metering.composing import definitions_of, simple_queries
from tallystick.metering.event import Event
from tallystick.metering.fold import ZERO
from tallystick.metering.meter import Meter
from tallystick.metering.series import (
    FOREVER,
    Series,
    Strand,
    belonging_of,
    gather_series,
    strand_of,
    take_strands,
)
from tallystick.metering.usage import SUBJECT, UsageQuery

Place: TypeAlias = tuple[Period, tuple[str, ...]]
_MICROS_PER_SECOND = 1_000_000


@dataclass(frozen=True, slots=True, kw_only=True)
class LevelChange:
    """By how much a level changes at an instant, in the meter's unit; at the start: the level."""

    at: datetime
    change: Decimal


@dataclass(frozen=True, slots=True, kw_only=True)
class LevelRun:
    """
    A stretch in which a level is above 0 throughout.

    Attributes:
        micros: how long it lasts within the window.
        integral: level times microseconds.
        last: the level at its end.
        begins: whether it begins within the window; else it was carried in.
        ends: whether it ends within the window; else it may go on beyond.
        before: for how many microseconds one that was carried in lasted before; None: it began
            longer ago than was looked back, or nobody looked.
    """

    micros: int
    integral: Decimal
    last: Decimal
    begins: bool
    ends: bool
    before: int | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class _Held:
    """A level over some microseconds, half-open; of no length where the next replaces it."""

    start: int
    end: int
    level: Decimal


def has_levels(meter: Meter) -> bool:
    """
    Say whether a meter counts levels, in every version.

    Example:
        >>> from tallystick.kernel import MeterKey
        >>> from tallystick.metering.meter import Aggregation
        >>> vm = Meter(key=MeterKey("vm"), event_type="vm", unit="vm", value=None,
        ...            aggregation=Aggregation.TIME_WEIGHTED)
        >>> has_levels(vm)
        True
    """
    return all(each.is_level and each.formula is None for each in definitions_of(meter))


def level_changes(
    query: UsageQuery, events: Iterable[Event]
) -> Mapping[Place, tuple[LevelChange, ...]]:
    """
    Return the changes behind each row of a query, by window and group, in order of time.

    Args:
        query: for a meter that `has_levels`; its windows do not overlap.
        events: at least those the rows rest on, of any order; each once.

    Raises:
        Misuse: a meter that counts no levels.
    """
    found: dict[Place, dict[int, Decimal]] = {}
    for place, strand, held, _ in _held(query, events):
        changes = found.setdefault(place, {})
        level = ZERO
        for one in (*held, _Held(start=strand.end, end=strand.end, level=ZERO)):
            before = changes.get(one.start, ZERO)
            changes[one.start] = EXACT.add(before, EXACT.subtract(one.level, level))
            level = one.level
    return {
        place: tuple(
            LevelChange(at=from_micros(at), change=change)
            for at, change in sorted(changes.items())
            if change and at < micros(place[0].end)
        )
        for place, changes in found.items()
    }


def level_runs(
    query: UsageQuery, events: Iterable[Event], *, look_back: int = 0
) -> Mapping[Place, tuple[LevelRun, ...]]:
    """
    Return the runs behind each row of a query, by window and group, in the order of their starts.

    Args:
        query: for a meter that `has_levels`; its windows do not overlap.
        events: at least those the rows rest on, of any order; each once. To look back, those of
            windows that begin so much earlier.
        look_back: for so many microseconds before a window it is looked when a run began that was
            carried into it.

    Raises:
        Misuse: a meter that counts no levels, or one that takes negative ones.
    """
    if any(each.negative_allowed for each in definitions_of(query.meter)):
        raise Misuse(f"meter {query.meter.key} takes levels below 0, which do not run")
    found: dict[Place, list[tuple[int, LevelRun]]] = {}
    for place, strand, held, earlier in _held(query, events):
        for index, run in enumerate(_running(held)):
            is_first = index == 0 and run[0] is held[0]
            made = _run(run, strand, place[0], is_first=is_first)
            if not made.begins and look_back:
                made = replace(made, before=_before(earlier(look_back), strand.start))
            found.setdefault(place, []).append((run[0].start, made))
    return {
        place: tuple(run for _, run in sorted(runs, key=lambda one: one[0]))
        for place, runs in found.items()
    }


_Earlier: TypeAlias = Callable[[int], tuple[Strand, Sequence[_Held]]]


def _held(
    query: UsageQuery, events: Iterable[Event]
) -> Iterator[tuple[Place, Strand, Sequence[_Held], _Earlier]]:
    """Yield what each series holds in each window of the query, and what it held so long before."""
    if not has_levels(query.meter):
        raise Misuse(f"meter {query.meter.key} counts no levels")
    known = [
        event
        for event in events
        if event.workspace == query.workspace
        and (query.through is None or event.position <= query.through)
    ]
    for simple in simple_queries(query):
        belonging = belonging_of(simple.spans, others=simple.others)
        names = [part.name for part in simple.meter.dimensions]
        of_meter = _holding(simple.meter, until=query.until)
        for series in gather_series(known, simple.meter):
            texts = dict(zip(names, series.dimensions, strict=True)) | {SUBJECT: series.subject}
            group = tuple(texts[name] for name in query.group_by)
            for window in simple.windows:
                for strand in take_strands(series, window, belonging):
                    asked = next(one for one in query.windows if one.contains(window.start))
                    earlier = partial(_held_before, series, strand, of_meter)
                    yield (asked, group), strand, of_meter(strand), earlier


def _held_before(
    series: Series, strand: Strand, levels: Callable[[Strand], Sequence[_Held]], look_back: int
) -> tuple[Strand, Sequence[_Held]]:
    earlier = strand_of(series, strand.start - look_back, strand.start)
    return earlier, levels(earlier)


def _before(earlier: tuple[Strand, Sequence[_Held]], until: int) -> int | None:
    """Return how long a run lasted before an instant; None: it was carried in there as well."""
    strand, held = earlier
    run = next(reversed([*_running(held)]), None)
    if run is None or run[-1].end != until:
        return 0
    is_carried = strand.carried is not None and run[0] is held[0]
    return None if is_carried else until - run[0].start


def _holding(meter: Meter, *, until: datetime | None) -> Callable[[Strand], Sequence[_Held]]:
    """Return what gives the levels of a strand, gaps as the meter's policy has them."""
    hold = meter.hold_seconds_max
    reach = FOREVER if hold is None else hold * _MICROS_PER_SECOND
    limit = FOREVER if until is None else micros(until)

    def levels(strand: Strand) -> Sequence[_Held]:
        end = min(strand.end, limit)
        readings = strand.with_carried()
        nexts = [reading.at for reading in readings[1:]] + [FOREVER]
        found: list[_Held] = []
        for reading, following in zip(readings, nexts, strict=False):
            kept = meter.gap_policy == "hold"
            held_until = following if kept else min(following, reading.at + reach)
            parts = ((reading.at, held_until, value_of(reading)), (held_until, following, ZERO))
            for start, stop, level in parts[: 1 if held_until == following else 2]:
                begun = max(start, strand.start)
                if begun < end and stop >= strand.start:
                    found.append(_Held(start=begun, end=max(begun, min(stop, end)), level=level))
        if limit < strand.end:
            found.append(_Held(start=max(end, strand.start), end=strand.end, level=ZERO))
        return found

    return levels


def _running(held: Iterable[_Held]) -> Iterator[list[_Held]]:
    """Yield the stretches that follow each other above 0; a 0 of no length parts them too."""
    run: list[_Held] = []
    for one in held:
        if one.level > 0:
            run.append(one)
        elif run:
            yield run
            run = []
    if run:
        yield run


def _run(run: Sequence[_Held], strand: Strand, window: Period, *, is_first: bool) -> LevelRun:
    start, end = run[0].start, run[-1].end
    total = ZERO
    for one in run:
        total = EXACT.add(total, EXACT.multiply(one.level, Decimal(one.end - one.start)))
    carried = is_first and strand.carried is not None and start == micros(window.start)
    return LevelRun(
        micros=end - start,
        integral=total,
        last=run[-1].level,
        begins=not carried,
        ends=end < micros(window.end),
    )

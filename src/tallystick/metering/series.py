"""
Series, and what a window takes of them.

Events that a meter matches fall into series, one for each subject and combination of dimensions, in
event order. A window takes from each series the readings inside, and the last one before: a level
holds on from there, a counter's increase is measured against it. Where an account has a subject
only for a time (a span), "inside" means inside both, and "before" means before the later start,
whoever had the subject then.
"""

from bisect import bisect_left
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import TypeAlias

from tallystick.kernel import Period, SubjectSpan, micros
from tallystick.metering.event import Event, event_order
from tallystick.metering.meter import Meter
from tallystick.metering.reading import Reading, read_event

FOREVER = 1 << 62
Stretch: TypeAlias = tuple[int, int]
_ALWAYS: tuple[Stretch, ...] = ((-FOREVER, FOREVER),)


@dataclass(slots=True, kw_only=True)
class Series:
    """The readings of one subject and combination of dimensions, in event order."""

    subject: str
    dimensions: tuple[str, ...]
    readings: list[Reading] = field(default_factory=list)
    instants: list[int] = field(default_factory=list)
    unmeterable: list[Reading] = field(default_factory=list)
    unmeterable_instants: list[int] = field(default_factory=list)


@dataclass(frozen=True, slots=True, kw_only=True)
class Strand:
    """
    What a window takes of one series in one stretch of time.

    Attributes:
        start: first microsecond, inclusive.
        end: last microsecond, exclusive.
        carried: the last reading before ``start``.
        readings: those inside, in event order.
        unmeterable: events inside whose value cannot be read.
    """

    start: int
    end: int
    carried: Reading | None
    readings: tuple[Reading, ...]
    unmeterable: tuple[Reading, ...]

    def with_carried(self) -> tuple[Reading, ...]:
        """Return the readings inside, the carried one before them."""
        return self.readings if self.carried is None else (self.carried, *self.readings)


def gather_series(events: Iterable[Event], meter: Meter) -> list[Series]:
    """Return the series of the events that a meter matches, whatever order they come in."""
    gathered: dict[tuple[str, tuple[str, ...]], Series] = {}
    for event in sorted(events, key=event_order):
        reading = read_event(event, meter)
        if reading is None:
            continue
        key = (event.subject, reading.dimensions)
        series = gathered.get(key)
        if series is None:
            series = Series(subject=event.subject, dimensions=reading.dimensions)
            gathered[key] = series
        if reading.meterable:
            series.readings.append(reading)
            series.instants.append(reading.at)
        else:
            series.unmeterable.append(reading)
            series.unmeterable_instants.append(reading.at)
    return list(gathered.values())


@dataclass(frozen=True, slots=True, kw_only=True)
class Belonging:
    """
    When each subject counts.

    Attributes:
        stretches: of named subjects, in microseconds: ordered, disjoint, joined where they meet.
        others: whether subjects that are not named count for all time, or not at all.
    """

    stretches: Mapping[str, tuple[Stretch, ...]]
    others: bool

    def of(self, subject: str) -> tuple[Stretch, ...]:
        """Return the stretches in which a subject counts."""
        return self.stretches.get(subject, _ALWAYS if self.others else ())


def belonging_of(spans: tuple[SubjectSpan, ...] | None, *, others: bool = False) -> Belonging:
    """
    Return when each subject counts; None stands for all subjects, always.

    A named subject whose spans are all empty never counts.

    Example:
        >>> from tallystick.kernel import from_micros
        >>> a = SubjectSpan(subject="vm", start=None, end=from_micros(5))
        >>> b = SubjectSpan(subject="vm", start=from_micros(5), end=from_micros(9))
        >>> belonging_of((b, a)).of("vm")[0][1]
        9
    """
    found: dict[str, list[Stretch]] = {}
    for span in spans or ():
        start = -FOREVER if span.start is None else micros(span.start)
        end = FOREVER if span.end is None else micros(span.end)
        own = found.setdefault(span.subject, [])
        if start < end:
            own.append((start, end))
    return Belonging(
        stretches={subject: _joined(sorted(own)) for subject, own in found.items()},
        others=others or spans is None,
    )


def _joined(stretches: list[Stretch]) -> tuple[Stretch, ...]:
    joined = stretches[:1]
    for start, end in stretches[1:]:
        last_start, last_end = joined[-1]
        if start <= last_end:
            joined[-1] = (last_start, max(end, last_end))
        else:
            joined.append((start, end))
    return tuple(joined)


def take_strands(series: Series, window: Period, belonging: Belonging) -> list[Strand]:
    """Return what a window takes of a series: a strand for each stretch that it overlaps."""
    window_start, window_end = micros(window.start), micros(window.end)
    return [
        strand_of(series, max(start, window_start), min(end, window_end))
        for start, end in belonging.of(series.subject)
        if max(start, window_start) < min(end, window_end)
    ]


def strand_of(series: Series, start: int, end: int) -> Strand:
    """Return what a stretch of time takes of a series, from a microsecond to another one."""
    first = bisect_left(series.instants, start)
    unread_first = bisect_left(series.unmeterable_instants, start)
    return Strand(
        start=start,
        end=end,
        carried=series.readings[first - 1] if first else None,
        readings=tuple(series.readings[first : bisect_left(series.instants, end)]),
        unmeterable=tuple(
            series.unmeterable[unread_first : bisect_left(series.unmeterable_instants, end)]
        ),
    )

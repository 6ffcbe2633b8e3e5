"""
Resources whose level was not known for a while, asked for as seldom as the answer allows.

A gap is counted in a window that moves with the clock: without new events it grows by a second a
second at most, and shrinks no faster. Who watches for a threshold therefore need not look at a
meter again before a gap of it can have got there, unless events of its type have come since:

    threshold 3,600 s, greatest gap 1,200 s, no event since   asked again after 600 s
    threshold 3,600 s, greatest gap 3,500 s, no event since   asked again after 100 s

What cannot be seen in events, as rows of the projection that were repaired, is noticed after
`ASKED_AGAIN_SECONDS_MAX`. A meter with dimensions has several series to a resource, which grow
together: it is asked every `DIMENSIONS_SECONDS_MAX`.
"""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from decimal import Decimal
from typing import Protocol

from tallystick.app.metering import UsageReader
from tallystick.app.pipeline.ports import Arrivals
from tallystick.kernel import EXACT, MeterKey, Period, WorkspaceId, plain
from tallystick.metering import SUBJECT, Meter, UsageQuery

SILENT_MAX = 50
WATCHED = timedelta(days=1)
"""How far back senders and silent resources are looked for."""
ASKED_AGAIN_SECONDS_MAX = 600
DIMENSIONS_SECONDS_MAX = 60


@dataclass(frozen=True, slots=True, kw_only=True)
class SilentResource:
    """A resource whose level was not known for a while: longer than its meter lets one hold."""

    meter: MeterKey
    subject: str
    gap_seconds: str
    gaps: int


@dataclass(frozen=True, slots=True, kw_only=True)
class SilenceQuery:
    """
    A question for the gaps of one level meter.

    Attributes:
        now: the end of the window, which is a day.
        through: the last log position that counts.
    """

    workspace: WorkspaceId
    meter: Meter
    now: datetime
    through: int


class Silence(Protocol):
    """Finds silent resources."""

    def resources(self, query: SilenceQuery) -> Sequence[SilentResource]:
        """Return the resources with the longest gaps, longest first, `SILENT_MAX` at most."""
        ...


class AskedSilence:
    """Asks each time."""

    def __init__(self, usage: UsageReader) -> None:
        self._usage = usage

    def resources(self, query: SilenceQuery) -> Sequence[SilentResource]:
        """Return what the usage reader says now."""
        return _gaps(query, self._usage)[:SILENT_MAX]


@dataclass(frozen=True, slots=True, kw_only=True)
class _Told:
    """An answer, and until when it says on which side of the threshold each gap is."""

    query: SilenceQuery
    until: datetime
    silent: tuple[SilentResource, ...]


class RememberedSilence:
    """
    Asks when a gap can have crossed a threshold since it asked last; else answers as it did then.

    Args:
        usage: who is asked.
        arrivals: tells how far events of each type have come.
        threshold_seconds: which gaps matter; None where none do.
    """

    def __init__(
        self, usage: UsageReader, arrivals: Arrivals, *, threshold_seconds: int | None
    ) -> None:
        self._usage = usage
        self._arrivals = arrivals
        self._threshold = threshold_seconds
        self._told: dict[tuple[WorkspaceId, MeterKey], _Told] = {}

    def resources(self, query: SilenceQuery) -> Sequence[SilentResource]:
        """Return an answer in which each gap is on the side of the threshold where it is now."""
        if self._threshold is None:
            return ()
        key = query.workspace, query.meter.key
        told = self._told.get(key)
        if told is None or not self._holds(told, query):
            found = _gaps(query, self._usage)
            until = query.now + timedelta(
                seconds=_quiet_seconds(query.meter, found, self._threshold)
            )
            told = _Told(query=query, until=until, silent=found[:SILENT_MAX])
            self._told[key] = told
        return told.silent

    def _holds(self, told: _Told, query: SilenceQuery) -> bool:
        arrived = self._arrivals.last(query.workspace, query.meter.event_type)
        same = replace(query, now=told.query.now, through=told.query.through) == told.query
        return same and arrived <= told.query.through and told.query.now <= query.now < told.until


def _quiet_seconds(meter: Meter, silent: Sequence[SilentResource], threshold: int) -> int:
    """
    Return for how many seconds no gap can cross a threshold if no event comes, rounded down.

    Example:
        A resource that is not listed has a gap of 0, and reaches the threshold in so many seconds.
    """
    gaps = [Decimal(0), *(Decimal(one.gap_seconds) for one in silent)]
    nearest = min(abs(EXACT.subtract(gap, Decimal(threshold))) for gap in gaps)
    longest = DIMENSIONS_SECONDS_MAX if meter.dimensions else ASKED_AGAIN_SECONDS_MAX
    return min(int(nearest), longest)


def _gaps(query: SilenceQuery, usage: UsageReader) -> tuple[SilentResource, ...]:
    asked = UsageQuery(
        workspace=query.workspace,
        meter=query.meter,
        windows=(Period(start=query.now - WATCHED, end=query.now),),
        group_by=(SUBJECT,),
        through=query.through,
        until=query.now,
    )
    found = [row for row in usage.usage(asked) if row.fold.gaps]
    found.sort(key=lambda row: (-row.fold.gap_seconds, row.group))
    return tuple(
        SilentResource(
            meter=query.meter.key,
            subject=row.group[0],
            gap_seconds=plain(row.fold.gap_seconds),
            gaps=row.fold.gaps,
        )
        for row in found
    )

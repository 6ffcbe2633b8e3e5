"""
This computer's usage over the last minutes, for the charts.

The charts have meters of their own: what they show is the machine, not what a catalog prices.
They are questions like any other, asked of the projection with the same aggregations.

    cpu      cores busy       increase of cpu_seconds / seconds since the slot before
    memory   GiB in use       integral of used_bytes / the slot's measured seconds
    network  KiB per second   increase of bytes / seconds since the slot before
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from itertools import pairwise

from tallystick.app.metering import UsageQuery, UsageReader, UsageRow
from tallystick.kernel import EXACT, MeterKey, Period, SubjectSpan, WorkspaceId, micros
from tallystick.metering import Aggregation, Meter

SLOT_SECONDS = 5
SLOTS = 120
HOLD_SECONDS_MAX = 15
SCALE = Decimal("0.001")
KIB = Decimal(1024)
GIB = Decimal(1024**3)


@dataclass(frozen=True, slots=True, kw_only=True)
class Curve:
    """One line of a chart: a name, the meter behind it, and the unit it is shown in."""

    chart: str
    name: str
    meter: Meter
    divide_by: Decimal


@dataclass(frozen=True, slots=True, kw_only=True)
class Point:
    """One slot of a curve; `at` is the slot's beginning."""

    name: str
    at: datetime
    value: Decimal


def _counter(name: str, *, event: str, path: str) -> Meter:
    return Meter(
        key=MeterKey(f"page_{name}"),
        event_type=event,
        aggregation=Aggregation.COUNTER,
        value=path,
        unit="byte" if "bytes" in path else "second",
        epoch="boot_id",
    )


MEMORY = Meter(
    key=MeterKey("page_memory"),
    event_type="host.memory",
    aggregation=Aggregation.TIME_WEIGHTED,
    value="used_bytes",
    unit="byte",
    hold_seconds_max=HOLD_SECONDS_MAX,
)
CURVES = (
    Curve(
        chart="cpu",
        name="busy cores",
        meter=_counter("cpu", event="host.cpu", path="cpu_seconds"),
        divide_by=Decimal(SLOT_SECONDS),
    ),
    Curve(chart="memory", name="in use", meter=MEMORY, divide_by=GIB),
    Curve(
        chart="network",
        name="received",
        meter=_counter("received", event="host.network", path="bytes_received"),
        divide_by=KIB * SLOT_SECONDS,
    ),
    Curve(
        chart="network",
        name="sent",
        meter=_counter("sent", event="host.network", path="bytes_sent"),
        divide_by=KIB * SLOT_SECONDS,
    ),
)
CHARTS = tuple(dict.fromkeys(curve.chart for curve in CURVES))


def read_points(
    usage: UsageReader,
    workspace: WorkspaceId,
    *,
    chart: str,
    spans: tuple[SubjectSpan, ...],
    now: datetime,
) -> list[Point]:
    """Return a chart's points, oldest first; slots without a measurement are absent."""
    points: list[Point] = []
    for curve in CURVES:
        if curve.chart == chart:
            query = UsageQuery(
                workspace=workspace,
                meter=curve.meter,
                windows=slots(now),
                spans=spans,
                until=now,
            )
            points.extend(_points(curve, usage.usage(query)))
    return points


def slots(now: datetime) -> tuple[Period, ...]:
    """Return the last slots that have ended, on a grid that does not move between calls."""
    step = timedelta(seconds=SLOT_SECONDS)
    day = datetime(now.year, now.month, now.day, tzinfo=UTC)
    end = day + (now - day) // step * step
    first = end - SLOTS * step
    return tuple(Period(start=first + k * step, end=first + (k + 1) * step) for k in range(SLOTS))


def _points(curve: Curve, rows: Iterable[UsageRow]) -> Iterable[Point]:
    known = [row for row in rows if row.fold.events]
    if curve.meter.is_level:
        # Of the slot in which a level is first seen, nobody says how much was measured.
        for row in known[1:]:
            measured = EXACT.subtract(row.window.seconds, row.fold.gap_seconds)
            yield _point(curve, row, _mean(row.fold.quantity, measured))
        return
    # The slot in which a counter is first seen holds its baseline, and no increase to show yet. An
    # increase after slots without a reading was made in all of them.
    for earlier, row in pairwise(known):
        stretch = (row.window.start - earlier.window.start) // timedelta(seconds=SLOT_SECONDS)
        yield _point(curve, row, EXACT.divide(row.fold.quantity, Decimal(stretch)))


def _point(curve: Curve, row: UsageRow, value: Decimal) -> Point:
    shown = EXACT.divide(value, curve.divide_by).quantize(SCALE, context=EXACT)
    return Point(name=curve.name, at=row.window.start, value=shown)


def _mean(integral: Decimal, seconds: Decimal) -> Decimal:
    return EXACT.divide(integral, seconds) if seconds else integral


def wire_points(points: Iterable[Point]) -> list[dict[str, object]]:
    """Return points as the charts' data: milliseconds since 1970, and exact decimals."""
    return [
        {"name": point.name, "at": micros(point.at) // 1000, "value": point.value}
        for point in points
    ]

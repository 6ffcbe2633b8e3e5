"""
Meters over metrics that others send: levels and counters must be told apart by series.

An event of OpenTelemetry or Prometheus carries in `series` the name of the series that its point
belongs to. A level or a counter without that dimension would take points of several series, as of
two machines of one customer, for one that jumps to and fro. Quantities over series add up, so the
dimension changes no total. What was declared before is left as it is.
"""

from collections.abc import Hashable, Iterable, Mapping

from tallystick.catalog.difference import Action, Change
from tallystick.kernel import MeterKey, Problem
from tallystick.metering import Aggregation, Meter, definitions_of

TYPES = ("otlp.", "prometheus.")
SERIES = "series"
_FOLLOWED = frozenset({Aggregation.COUNTER, Aggregation.TIME_WEIGHTED})


def series_problems(
    changes: Iterable[Change],
    meters: Mapping[MeterKey, Meter],
    *,
    paths: Mapping[tuple[str, Hashable], str],
) -> tuple[Problem, ...]:
    """
    Give a problem for each meter, created or changed, that would mix the series of a metric.

    Problems:
        series_missing: with the path of the dimensions, below that of the meter in ``paths``.
    """
    touched = [
        meters[MeterKey(change.key)]
        for change in changes
        if change.of == "meters" and change.action is not Action.UNCHANGED
    ]
    return tuple(
        _problem(meter, paths)
        for meter in touched
        if any(_mixes(one) for one in definitions_of(meter) if meter.formula is None)
    )


def _mixes(meter: Meter) -> bool:
    told_apart = any(dimension.path == SERIES for dimension in meter.dimensions)
    return meter.aggregation in _FOLLOWED and meter.event_type.startswith(TYPES) and not told_apart


def _problem(meter: Meter, paths: Mapping[tuple[str, Hashable], str]) -> Problem:
    kind = "counter" if meter.aggregation is Aggregation.COUNTER else "level"
    message = (
        f"{meter.key} would take the points of all series of {meter.event_type} for one {kind}; "
        f"add {SERIES!r} to its dimensions, which changes no total"
    )
    field = f"{paths['meters', meter.key]}.dimensions"
    return Problem(code="series_missing", message=message, field=field)

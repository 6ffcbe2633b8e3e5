"""
A meter: which events count, what is read from them, and how they become a quantity.

A meter selects events by type and filters, reads one value from their data by a dotted path (no
path: the constant 1), and folds the values of a window by its aggregation:

| aggregation     | quantity of a half-open window                                        | adds |
|-----------------|-----------------------------------------------------------------------|------|
| `count`         | number of events                                                      | yes  |
| `sum`           | sum of the values                                                     | yes  |
| `max`, `min`    | greatest, least value                                                 | no   |
| `latest`        | the last value in event order                                         | no   |
| `unique`        | number of distinct value texts                                        | no   |
| `avg`           | mean of the values                                                    | no   |
| `time_weighted` | integral of a level over time, in `<unit>.second`                     | yes  |
| `counter`       | increase of a cumulative counter                                      | yes  |
| `percentile`    | the value at a share of all values, by nearest rank                   | no   |
| `peak`          | greatest value of each sub-window, summed or averaged                 | no   |
| `formula`       | an expression over the quantities of other meters                     | no   |

A window without events has the quantity 0. Paths name members of nested objects (`usage.bytes`);
they do not enter arrays, and a member whose own name holds a dot cannot be reached. An expression
can: ``data["a.b"]``.

Not here: price, minimum duration and granularity (they belong to the price).
"""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from enum import StrEnum
from typing import Literal, TypeAlias

from tallystick.expressions import Expression
from tallystick.kernel import EXACT, MeterKey, Problem
from tallystick.metering.event import RESERVED_TYPES

FilterOp: TypeAlias = Literal["eq", "ne", "in", "exists"]
GapPolicy: TypeAlias = Literal["zero", "hold"]
WrapBits: TypeAlias = Literal[0, 32, 64]
PeakTake: TypeAlias = Literal["sum", "average"]

DIMENSIONS_MAX = 8
FILTERS_MAX = 16
FILTER_VALUES_MAX = 1000
PATH_NAMES_MAX = 8
HOLD_SECONDS_MAX = 10 * 366 * 86_400
PERCENTILE_MAX = 100
PERCENTILE_PLACES_MAX = 3


class Aggregation(StrEnum):
    """How the values of a window become one quantity."""

    COUNT = "count"
    SUM = "sum"
    MAX = "max"
    MIN = "min"
    LATEST = "latest"
    UNIQUE = "unique"
    AVG = "avg"
    TIME_WEIGHTED = "time_weighted"
    COUNTER = "counter"
    PERCENTILE = "percentile"
    PEAK = "peak"
    FORMULA = "formula"


class PeakPer(StrEnum):
    """How long the sub-windows of a peak are, in the zone of the window."""

    QUARTER_HOUR = "quarter_hour"
    HOUR = "hour"
    DAY = "day"
    WEEK = "week"
    MONTH = "month"


@dataclass(frozen=True, slots=True, kw_only=True)
class Peak:
    """The length of a peak meter's sub-windows, and what is taken of their greatest values."""

    per: PeakPer
    take: PeakTake = "sum"


@dataclass(frozen=True, slots=True, kw_only=True)
class Dimension:
    """A named part of an event's data by which quantities may be grouped; missing reads as ""."""

    name: str
    path: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Filter:
    """
    A condition on the text at a path; a missing value, null, an array and an object read as "".

    ``eq`` and ``in``: the text is one of the values. ``ne``: it is none of them (a missing one is
    none of them). ``exists``: the text is not empty.
    """

    path: str
    op: FilterOp
    values: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Formula:
    """An expression over the quantities of meters, and those meters, each once."""

    expression: Expression
    meters: tuple["Meter", ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class MeterVersion:
    """A definition that applies from an instant on, in place of the one before."""

    effective_at: datetime
    meter: "Meter"


@dataclass(frozen=True, slots=True, kw_only=True)
class Meter:
    """
    The definition of one meter.

    Attributes:
        key: natural key, unchangeable.
        event_type: CloudEvents type of the events that count.
        aggregation: how values become a quantity.
        value: dotted path of the value in data, or an expression over the event; None for the
            constant 1.
        unit: unit of the values.
        dimensions: parts of the data that quantities may be grouped by. For levels and counters
            each subject and combination of dimensions is a series of its own.
        filters: all must hold.
        conditions: expressions, as filters; an event for which one of them cannot be decided, and
            none is false, is unmeterable.
        hold_seconds_max: levels only: how long a value holds at most when no other follows; None
            for without end.
        gap_policy: levels only: what is beyond that; ``zero`` leaves it out of the quantity,
            ``hold`` keeps the value. Either way it is reported as a gap.
        epoch: counters only: path of a text that changes when the counter begins anew (a boot id).
        wrap_bits: counters only: 32 or 64 for a counter that wraps at that width.
        negative_allowed: whether a negative value is one; else it makes the event unmeterable.
        percentile: percentiles only: above 0, up to 100, at most three decimal places.
        peak: peaks only: the sub-windows, and what is taken of their greatest values.
        formula: formulas only; such a meter has no events of its own and an empty ``event_type``.
        later: versions in ascending order of their instants, of the same key, aggregation, unit and
            dimensions.
    """

    key: MeterKey
    event_type: str
    aggregation: Aggregation
    value: str | Expression | None
    unit: str
    dimensions: tuple[Dimension, ...] = ()
    filters: tuple[Filter, ...] = ()
    conditions: tuple[Expression, ...] = ()
    hold_seconds_max: int | None = None
    gap_policy: GapPolicy = "zero"
    epoch: str | None = None
    wrap_bits: WrapBits = 0
    negative_allowed: bool = False
    percentile: Decimal | None = None
    peak: Peak | None = None
    formula: Formula | None = None
    later: tuple[MeterVersion, ...] = ()

    @property
    def quantity_unit(self) -> str:
        """
        Name of the unit of the folded quantity; a level's is multiplied by the second.

        Example:
            >>> vm = Meter(key=MeterKey("vm"), event_type="vm", unit="vm", value=None,
            ...            aggregation=Aggregation.TIME_WEIGHTED)
            >>> vm.quantity_unit
            'vm.second'
        """
        return f"{self.unit}.second" if self.is_level else self.unit

    @property
    def is_level(self) -> bool:
        """Whether values are levels that hold until the next one."""
        return self.aggregation is Aggregation.TIME_WEIGHTED

    @property
    def is_counter(self) -> bool:
        """Whether values are readings of a cumulative counter."""
        return self.aggregation is Aggregation.COUNTER

    @property
    def reads_text(self) -> bool:
        """Whether the value is taken as text and need not be a number."""
        return self.aggregation is Aggregation.UNIQUE


def meter_problems(meter: Meter) -> tuple[Problem, ...]:
    """
    Return what in a meter contradicts itself or exceeds a limit; empty when it is sound.

    Problems:
        reserved, value_missing, value_not_used, not_for_aggregation, too_many, duplicate, bad_path,
        bad_filter, out_of_range; each with the field concerned.
    """
    return (
        *_type_problems(meter),
        *_value_problems(meter),
        *_option_problems(meter),
        *_part_problems(meter),
    )


def _type_problems(meter: Meter) -> Iterable[Problem]:
    if meter.event_type.startswith(RESERVED_TYPES):
        message = f"types that begin with {RESERVED_TYPES!r} are kept for corrections of events"
        yield Problem(code="reserved", message=message, field="event_type")


_NEED_VALUE = frozenset(
    {
        Aggregation.UNIQUE,
        Aggregation.COUNTER,
        Aggregation.LATEST,
        Aggregation.AVG,
        Aggregation.PERCENTILE,
        Aggregation.PEAK,
    }
)


def _value_problems(meter: Meter) -> Iterable[Problem]:
    if isinstance(meter.value, str) and not is_path(meter.value):
        yield Problem(code="bad_path", message=_path_message(meter.value), field="value")
    if meter.aggregation is Aggregation.COUNT and meter.value is not None:
        yield Problem(
            code="value_not_used", message="count counts events; leave value out", field="value"
        )
    if meter.aggregation in _NEED_VALUE and meter.value is None:
        yield Problem(
            code="value_missing",
            message=f"{meter.aggregation.value} needs the path of a value",
            field="value",
        )


def _statistic_problems(meter: Meter) -> Iterable[Problem]:
    """Yield what is wrong with the options of percentiles and peaks."""
    wanted = {Aggregation.PERCENTILE: meter.percentile, Aggregation.PEAK: meter.peak}
    if meter.aggregation in wanted and wanted[meter.aggregation] is None:
        name = meter.aggregation.value
        example = "percentile: 95" if name == "percentile" else "peak: {per: day, take: sum}"
        message = f"a {name} meter needs {name}, such as {example}"
        yield Problem(code="value_missing", message=message, field=name)
    for aggregation, option in wanted.items():
        if option is not None and aggregation is not meter.aggregation:
            message = f"{aggregation.value} means nothing for {meter.aggregation.value}"
            yield Problem(
                code="not_for_aggregation",
                message=f"{message}; leave it out",
                field=aggregation.value,
            )
    share = meter.percentile
    if share is not None and not (
        0 < share <= PERCENTILE_MAX
        and int(share.normalize(EXACT).as_tuple().exponent) >= -PERCENTILE_PLACES_MAX
    ):
        message = f"a percentile is above 0 and up to 100, such as 95 or 99.9, not {share}"
        yield Problem(code="out_of_range", message=message, field="percentile")


def _option_problems(meter: Meter) -> Iterable[Problem]:
    yield from _statistic_problems(meter)
    hold = meter.hold_seconds_max
    if hold is not None and not 1 <= hold <= HOLD_SECONDS_MAX:
        yield Problem(
            code="out_of_range",
            message=f"a value holds 1 to {HOLD_SECONDS_MAX} seconds, not {hold}",
            field="hold_seconds_max",
        )
    if meter.epoch is not None and not is_path(meter.epoch):
        yield Problem(code="bad_path", message=_path_message(meter.epoch), field="epoch")
    if meter.gap_policy == "hold" and hold is None:
        yield Problem(
            code="value_missing",
            message="gap_policy hold needs hold_seconds_max: without it there is no gap",
            field="hold_seconds_max",
        )
    for field, is_set, is_meant in (
        ("hold_seconds_max", hold is not None, meter.is_level),
        ("gap_policy", meter.gap_policy != "zero", meter.is_level),
        ("epoch", meter.epoch is not None, meter.is_counter),
        ("wrap_bits", meter.wrap_bits != 0, meter.is_counter),
        (
            "negative_allowed",
            meter.negative_allowed,
            meter.aggregation not in {Aggregation.COUNT, Aggregation.UNIQUE, Aggregation.COUNTER},
        ),
    ):
        if is_set and not is_meant:
            yield Problem(
                code="not_for_aggregation",
                message=f"{field} means nothing for {meter.aggregation.value}; leave it out",
                field=field,
            )


def _part_problems(meter: Meter) -> Iterable[Problem]:
    if len(meter.dimensions) > DIMENSIONS_MAX:
        message = f"at most {DIMENSIONS_MAX} dimensions"
        yield Problem(code="too_many", message=message, field="dimensions")
    if len(meter.filters) + len(meter.conditions) > FILTERS_MAX:
        message = f"at most {FILTERS_MAX} filters"
        yield Problem(code="too_many", message=message, field="filters")
    paths = {f"dimensions[{index}]": part.path for index, part in enumerate(meter.dimensions)}
    paths |= {f"filters[{index}]": part.path for index, part in enumerate(meter.filters)}
    for place, path in paths.items():
        if not is_path(path):
            yield Problem(code="bad_path", message=_path_message(path), field=f"{place}.path")
    names = [dimension.name for dimension in meter.dimensions]
    for index, name in enumerate(names):
        if name in names[:index] or name in {"", "subject"}:
            yield Problem(
                code="duplicate",
                message=f"dimension {name!r} is taken or empty; 'subject' is always there",
                field=f"dimensions[{index}].name",
            )
    for index, condition in enumerate(meter.filters):
        if problem := _filter_message(condition):
            yield Problem(code="bad_filter", message=problem, field=f"filters[{index}].values")


def _filter_message(condition: Filter) -> str:
    count = len(condition.values)
    if condition.op == "exists":
        return "exists takes no values" if count else ""
    if condition.op in {"eq", "ne"}:
        return "" if count == 1 else f"{condition.op} takes one value, not {count}"
    return "" if 1 <= count <= FILTER_VALUES_MAX else f"in takes 1 to {FILTER_VALUES_MAX} values"


def is_path(path: str) -> bool:
    """
    Say whether a text is a dotted path: one to eight names, none empty.

    Example:
        >>> is_path("usage.bytes"), is_path("usage..bytes"), is_path("")
        (True, False, False)
    """
    names = path.split(".")
    return all(names) and len(names) <= PATH_NAMES_MAX


def _path_message(path: str) -> str:
    return f"{path[:60]!r} is not a dotted path such as usage.bytes"

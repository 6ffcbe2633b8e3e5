"""OTLP metrics to points of series."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import TypeAlias

from opentelemetry.proto.collector.metrics.v1.metrics_service_pb2 import (
    ExportMetricsServiceRequest,
)
from opentelemetry.proto.common.v1.common_pb2 import AnyValue, KeyValue
from opentelemetry.proto.metrics.v1.metrics_pb2 import (
    AggregationTemporality,
    DataPointFlags,
    ExponentialHistogramDataPoint,
    HistogramDataPoint,
    Metric,
    NumberDataPoint,
    SummaryDataPoint,
)

from tallystick.integrations.series import (
    Fractions,
    Point,
    Received,
    UnusableValue,
    filled,
    number_text,
    plain_names,
    series_digest,
    wanted,
)
from tallystick.integrations.sources import OtlpSource

NANOSECONDS_PER_MICROSECOND = 1000
DELTA = AggregationTemporality.AGGREGATION_TEMPORALITY_DELTA
CUMULATIVE = AggregationTemporality.AGGREGATION_TEMPORALITY_CUMULATIVE
NO_VALUE = DataPointFlags.DATA_POINT_FLAGS_NO_RECORDED_VALUE_MASK

DataPoint: TypeAlias = (
    NumberDataPoint | HistogramDataPoint | ExponentialHistogramDataPoint | SummaryDataPoint
)


@dataclass(frozen=True, slots=True, kw_only=True)
class _Metric:
    """A metric, and where it comes from."""

    metric: Metric
    resource: dict[str, str]
    scope: tuple[str, str]


def received_points(request: ExportMetricsServiceRequest, definition: OtlpSource) -> Received:
    """Return the events of an export; a point that is none is refused by itself."""
    received = Received()
    for each in _metrics(request):
        if not wanted(each.metric.name, definition.metrics):
            continue
        for point, epoch in _data_points(each.metric):
            try:
                data = _data(each.metric, point, epoch, definition.fractions)
            except UnusableValue as error:
                received.refused.append(f"{each.metric.name}: {error}")
                continue
            if data is not None:
                received.add(_point(each, point, data, definition))
    return received


def _metrics(request: ExportMetricsServiceRequest) -> Iterator[_Metric]:
    for resource_metrics in request.resource_metrics:
        resource = _texts(resource_metrics.resource.attributes)
        for scope_metrics in resource_metrics.scope_metrics:
            scope = (scope_metrics.scope.name, scope_metrics.scope.version)
            for metric in scope_metrics.metrics:
                yield _Metric(metric=metric, resource=resource, scope=scope)


def _data_points(metric: Metric) -> Iterator[tuple[DataPoint, int]]:
    """Yield points, each with 1 if it counts from a start, 0 if not, -1 if nobody knows."""
    match metric.WhichOneof("data"):
        case "gauge":
            yield from ((point, 0) for point in metric.gauge.data_points)
        case "sum":
            counts = _counts(metric.sum.aggregation_temporality)
            if counts == 1 and not metric.sum.is_monotonic:
                counts = 0
            yield from ((point, counts) for point in metric.sum.data_points)
        case "histogram":
            counts = _counts(metric.histogram.aggregation_temporality)
            yield from ((point, counts) for point in metric.histogram.data_points)
        case "exponential_histogram":
            counts = _counts(metric.exponential_histogram.aggregation_temporality)
            yield from ((point, counts) for point in metric.exponential_histogram.data_points)
        case "summary":
            yield from ((point, 1) for point in metric.summary.data_points)
        case _:
            return


def _counts(temporality: int) -> int:
    return {DELTA: 0, CUMULATIVE: 1}.get(AggregationTemporality.ValueType(temporality), -1)


def _data(
    metric: Metric, point: DataPoint, counts: int, fractions: Fractions
) -> dict[str, object] | None:
    """Return the quantities of a point; None where it has none and ends nothing."""
    if counts < 0:
        raise UnusableValue("it says neither delta nor cumulative")
    if not point.time_unix_nano:
        raise UnusableValue("it has no time")
    data: dict[str, object] = {"unit": metric.unit} if metric.unit else {}
    if counts:
        start = point.start_time_unix_nano // NANOSECONDS_PER_MICROSECOND
        data["epoch"] = str(start)
    if point.flags & NO_VALUE:
        is_gauge = metric.WhichOneof("data") == "gauge"
        return {**data, "value": number_text(0), "stale": True} if is_gauge else None
    if isinstance(point, NumberDataPoint):
        kind = point.WhichOneof("value")
        if kind is None:
            raise UnusableValue("it has no value")
        value = point.as_int if kind == "as_int" else point.as_double
        return {**data, "value": number_text(value, fractions)}
    data["count"] = number_text(point.count)
    if isinstance(point, SummaryDataPoint) or point.HasField("sum"):
        data["sum"] = number_text(point.sum, fractions)
    return data


def _point(
    each: _Metric, point: DataPoint, data: dict[str, object], definition: OtlpSource
) -> Point:
    attributes = _texts(point.attributes)
    name = each.metric.name
    kind = each.metric.WhichOneof("data")
    return Point(
        source=f"otlp/{definition.key}",
        type=f"otlp.{name}",
        subject=filled(definition.subject, {**each.resource, **attributes}),
        series=series_digest(name, kind, each.scope, each.resource, attributes),
        micros=point.time_unix_nano // NANOSECONDS_PER_MICROSECOND,
        data={
            **data,
            "attributes": plain_names(attributes),
            "resource": plain_names(each.resource),
        },
    )


def _texts(attributes: Iterable[KeyValue]) -> dict[str, str]:
    return {each.key: _text(each.value) for each in attributes}


def _text(value: AnyValue) -> str:
    """Return an attribute's value as text; lists and maps as protobuf writes them."""
    match value.WhichOneof("value"):
        case "string_value":
            return value.string_value
        case "bool_value":
            return "true" if value.bool_value else "false"
        case "int_value":
            return str(value.int_value)
        case "double_value":
            return repr(value.double_value)
        case None:
            return ""
        case _:
            return str(value).strip()

"""Metrics of OpenTelemetry count once, sent by the real SDK and by hand."""

from collections.abc import Iterator
from decimal import Decimal
from typing import Any

import pytest
from google.protobuf.json_format import MessageToJson
from opentelemetry.exporter.otlp.proto.http.metric_exporter import OTLPMetricExporter
from opentelemetry.proto.collector.metrics.v1.metrics_service_pb2 import (
    ExportMetricsServiceRequest,
    ExportMetricsServiceResponse,
)
from opentelemetry.sdk.metrics import Counter, MeterProvider
from opentelemetry.sdk.metrics.export import (
    AggregationTemporality,
    PeriodicExportingMetricReader,
)
from opentelemetry.sdk.resources import Resource

from tests.serving import Tenant
from tests.waiting import wait_until

PATH = "/v1/otlp/v1/metrics"
PROTOBUF = {"content-type": "application/x-protobuf"}
DAY_NANOS = 1_768_435_200_000_000_000  # 2026-01-15T00:00:00Z
MINUTE_NANOS = 60_000_000_000
ASKED = {"start": "2026-01-01T00:00:00Z", "end": "2028-01-01T00:00:00Z", "window": "total"}


@pytest.fixture
def books(tenant: Tenant) -> Tenant:
    """Lend a workspace with meters over metrics, and a source that makes accounts of `tenant`."""
    unit = {"unit": "request"}
    tenant.apply(
        {
            "meters": [
                {"key": "delta", "event_type": "otlp.calls", "aggregation": "sum",
                 "value": "value", **unit},
                {"key": "cumulative", "event_type": "otlp.calls", "aggregation": "counter",
                 "value": "value", "epoch": "epoch", "dimensions": ["series"], **unit},
                {"key": "level", "event_type": "otlp.held", "aggregation": "time_weighted",
                 "value": "value", "dimensions": ["series"], **unit},
                {"key": "spent", "event_type": "otlp.took", "aggregation": "sum",
                 "value": "sum", **unit},
            ],
            "accounts": [
                {"key": "acme", "name": "Acme", "zone": "UTC", "currency": "EUR", "invoiced": True}
            ],
        }
    )  # fmt: skip
    source = {"kind": "otlp", "key": "metrics", "subject": "{tenant}"}
    assert tenant.ask("POST", "/v1/sources", json=source).is_success
    return tenant


@pytest.fixture
def exporter(books: Tenant) -> Iterator[OTLPMetricExporter]:
    """Lend the SDK's own exporter, which sends deltas of counters."""
    _, key = books.make_key("ingest")
    made = OTLPMetricExporter(
        endpoint=f"{books.url}{PATH}?source=metrics",
        headers={"authorization": f"Bearer {key}"},
        preferred_temporality={Counter: AggregationTemporality.DELTA},
    )
    yield made
    made.shutdown()


def quantity(books: Tenant, meter: str) -> Decimal:
    """Return what a meter has."""
    answer = books.ask("GET", "/v1/usage", params={"meter": meter, **ASKED})
    assert answer.is_success, answer.text
    return sum((Decimal(item["quantity"]) for item in answer.json()["items"]), Decimal(0))


def await_quantity(books: Tenant, meter: str, wanted: str) -> None:
    """Wait until a meter has a quantity."""
    wait_until(
        lambda: quantity(books, meter) == Decimal(wanted),
        seconds_max=30,
        waiting_for=f"{meter} {wanted}",
    )


def export(books: Tenant, request: ExportMetricsServiceRequest, *, as_json: bool = False) -> Any:  # noqa: ANN401 - a protobuf message
    """Send a request and return the answer."""
    body = MessageToJson(request).encode() if as_json else request.SerializeToString()
    headers = {"content-type": "application/json"} if as_json else PROTOBUF
    answer = books.ask("POST", f"{PATH}?source=metrics", content=body, headers=headers)
    assert answer.status_code == 200, answer.text
    return answer.json() if as_json else ExportMetricsServiceResponse.FromString(answer.content)


def request_with(name: str) -> tuple[ExportMetricsServiceRequest, Any]:
    """Return a request with one metric of the resource `acme`, and that metric."""
    request = ExportMetricsServiceRequest()
    held = request.resource_metrics.add()
    held.resource.attributes.add(key="tenant").value.string_value = "acme"
    metric = held.scope_metrics.add().metrics.add(name=name)
    return request, metric


def test_the_sdk_exports_counters_and_histograms(
    books: Tenant, exporter: OTLPMetricExporter
) -> None:
    """What an instrumented program counts is what is metered, exactly, though floats are sent."""
    reader = PeriodicExportingMetricReader(exporter, export_interval_millis=3_600_000)
    provider = MeterProvider(
        [reader], resource=Resource({"tenant": "acme"}), shutdown_on_exit=False
    )
    meter = provider.get_meter("test")
    calls, took = meter.create_counter("calls"), meter.create_histogram("took")
    for amount in (0.1, 0.2, 5):
        calls.add(amount, {"path": "/a"})
        calls.add(1, {"path": "/b"})
        took.record(amount)
    provider.force_flush()
    calls.add(2, {"path": "/a"})
    provider.force_flush()
    await_quantity(books, "delta", "10.3")
    # The histogram is cumulative: the second export says the same sum again.
    assert quantity(books, "spent") == Decimal("10.6")
    provider.shutdown()
    (shown,) = books.ask("GET", "/v1/sources").json()["items"]
    assert shown["newest_age_seconds"] < 60


@pytest.mark.parametrize("as_json", [False, True], ids=["protobuf", "json"])
def test_an_export_sent_again_counts_once(books: Tenant, as_json: bool) -> None:  # noqa: FBT001 - a parameter of the test
    """A retry is known by series and time; other attributes at the same time are another series."""
    request, metric = request_with("calls")
    metric.sum.aggregation_temporality = 1
    for path, amount in (("a", 3), ("b", 4)):
        point = metric.sum.data_points.add(time_unix_nano=DAY_NANOS, as_int=amount)
        point.attributes.add(key="http.path").value.string_value = path
    for _ in range(2):
        export(books, request, as_json=as_json)
    await_quantity(books, "delta", "7")


def test_a_cumulative_sum_that_restarts_counts_on(books: Tenant) -> None:
    """The start of the count is the counter's epoch: 10 to 25, then anew to 7, is 22."""
    for minute, start, value in ((0, 1, 10), (1, 1, 25), (2, 2, 7)):
        request, metric = request_with("calls")
        metric.sum.aggregation_temporality, metric.sum.is_monotonic = 2, True
        metric.sum.data_points.add(
            time_unix_nano=DAY_NANOS + minute * MINUTE_NANOS,
            start_time_unix_nano=start * MINUTE_NANOS,
            as_int=value,
        )
        export(books, request)
    await_quantity(books, "cumulative", "22")


def test_a_gauge_is_a_level_until_it_is_gone(books: Tenant) -> None:
    """2 for a minute, 4 for a minute, then no value: 360 held seconds."""
    for minute, value in ((0, 2.0), (1, 4.0), (2, None)):
        request, metric = request_with("held")
        at = DAY_NANOS + minute * MINUTE_NANOS
        if value is None:
            metric.gauge.data_points.add(time_unix_nano=at, flags=1)
        else:
            metric.gauge.data_points.add(time_unix_nano=at, as_double=value)
        export(books, request)
    await_quantity(books, "level", "360")


def test_refused_points_are_told_and_the_rest_counts(books: Tenant) -> None:
    """NaN, a time of tomorrow and an unknown temporality are a partial success."""
    request, metric = request_with("calls")
    metric.sum.aggregation_temporality = 1
    for place, value in enumerate((float("nan"), 5.0)):
        metric.sum.data_points.add(time_unix_nano=DAY_NANOS + place * 1000, as_double=value)
    metric.sum.data_points.add(time_unix_nano=4_000_000_000_000_000_000, as_int=1)
    other = request.resource_metrics[0].scope_metrics[0].metrics.add(name="calls")
    other.sum.data_points.add(time_unix_nano=DAY_NANOS, as_int=1)
    answer = export(books, request)
    assert answer.partial_success.rejected_data_points == 3
    assert "NaN" in answer.partial_success.error_message.replace("nan", "NaN")
    await_quantity(books, "delta", "5")


def test_what_is_no_export_is_refused(books: Tenant) -> None:
    """Foreign bytes, another type and an unknown source are refused; nothing is counted."""
    for content, headers, path, status in (
        (b"\xff\xff", PROTOBUF, PATH, 400),
        (b"{]", {"content-type": "application/json"}, PATH, 400),
        (b"", {"content-type": "text/plain"}, PATH, 415),
        (b"", PROTOBUF, f"{PATH}?source=none", 404),
    ):
        answer = books.ask("POST", path, content=content, headers=headers)
        assert answer.status_code == status, answer.text
    assert books.ask("POST", PATH, token="", headers=PROTOBUF).status_code == 401

"""Samples of remote write to points of series."""

import math
import struct
from typing import Any

from google.protobuf.message import DecodeError

from tallystick.integrations.prometheus.wire import ReadResponse, WriteRequest
from tallystick.integrations.series import (
    Point,
    Received,
    filled,
    number_text,
    plain_names,
    series_digest,
    wanted,
)
from tallystick.integrations.sources import PrometheusSource
from tallystick.kernel import Misuse

MICROSECONDS_PER_MILLISECOND = 1000
STALE = 0x7FF0000000000002
NAME = "__name__"
COUNTERS = ("_total", "_count", "_sum", "_bucket", "_created")


def received_samples(body: bytes, definition: PrometheusSource) -> Received:
    """
    Return the events of a write request, unpacked.

    Raises:
        Misuse: it is none.
    """
    request = WriteRequest()
    try:
        request.ParseFromString(body)
    except DecodeError as error:
        raise Misuse(f"the body is no remote write request: {error}") from error
    received = Received()
    _add_series(received, request.timeseries, definition)
    return received


def pulled_samples(body: bytes, definition: PrometheusSource) -> Received:
    """
    Return the events of an answer to remote read, unpacked: those that a write would have given.

    Raises:
        Misuse: it is none.
    """
    answer = ReadResponse()
    try:
        answer.ParseFromString(body)
    except DecodeError as error:
        raise Misuse(f"the answer is none to remote read: {error}") from error
    received = Received()
    for result in answer.results:
        _add_series(received, result.timeseries, definition)
    return received


def is_stale(value: float) -> bool:
    """
    Tell whether a value is the marker that its series is gone, one particular NaN.

    Example:
        >>> is_stale(struct.unpack("<d", struct.pack("<Q", STALE))[0]), is_stale(math.nan)
        (True, False)
    """
    bits: int = struct.unpack("<Q", struct.pack("<d", value))[0]
    return bits == STALE


def _add_series(received: Received, many: Any, definition: PrometheusSource) -> None:  # noqa: ANN401 - see wire
    for series in many:
        labels = {label.name: label.value for label in series.labels}
        name = labels.pop(NAME, "")
        if not name:
            received.refused.append("a series has no name")
        elif wanted(name, definition.metrics):
            _add(received, name, labels, [(s.timestamp, s.value) for s in series.samples],
                 definition)  # fmt: skip


def _add(
    received: Received,
    name: str,
    labels: dict[str, str],
    samples: list[tuple[int, float]],
    definition: PrometheusSource,
) -> None:
    series = series_digest(name, labels)
    shown = plain_names(labels)
    subject = filled(definition.subject, labels)
    for milliseconds, value in samples:
        stale = is_stale(value)
        if not (math.isfinite(value) or (stale and not name.endswith(COUNTERS))):
            continue
        said = {"stale": True} if stale else {}
        point = Point(
            source=f"prometheus/{definition.key}",
            type=f"prometheus.{name}",
            subject=subject,
            series=series,
            micros=milliseconds * MICROSECONDS_PER_MILLISECOND,
            data={
                "value": number_text(0 if stale else value, definition.fractions),
                "labels": shown,
                **said,
            },
        )
        received.add(point)

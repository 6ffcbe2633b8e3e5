"""Samples of remote write to points of series."""

import math
import struct

from google.protobuf.message import DecodeError

from tallystick.integrations.prometheus.write_request import WriteRequest
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
    for series in request.timeseries:
        labels = {label.name: label.value for label in series.labels}
        name = labels.pop(NAME, "")
        if not name:
            received.refused.append("a series has no name")
        elif wanted(name, definition.metrics):
            _add(received, name, labels, [(s.timestamp, s.value) for s in series.samples],
                 definition)  # fmt: skip
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
            data={"value": number_text(0 if stale else value), "labels": shown, **said},
        )
        received.add(point)

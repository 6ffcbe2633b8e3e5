"""
Pulls again what a Prometheus could not write: its samples of the seconds that are holes.

Remote read gives samples as they are stored, to the last bit, with the external labels that remote
write adds and with the markers of staleness; so they become the same events, and what had arrived
after all is a duplicate. A hole in which Prometheus holds nothing is lost.

    hole -> remote read, window by window -> send (durable when answered) -> report
"""

import re
import threading
from collections.abc import Sequence
from dataclasses import dataclass

import httpx
import pyarrow as pa

from tallystick.client import line_batch
from tallystick.integrations.prometheus.arrival import ARRIVED
from tallystick.integrations.prometheus.samples import NAME, pulled_samples
from tallystick.integrations.prometheus.snappy import unpack_snappy
from tallystick.integrations.prometheus.wire import ReadRequest
from tallystick.integrations.sources import Desk, PartitionProgress, PrometheusSource, ReadSpan
from tallystick.kernel import EngineUnavailable, Misuse

POLL_SECONDS = 10.0
TIMEOUT_SECONDS = 60.0
WINDOW_SECONDS = 300
WINDOW_SECONDS_MAX = 86_400
ANSWER_BYTES_MAX = 256 * 1024 * 1024
LINES_MAX = 5_000
HEADERS = {
    "content-encoding": "snappy",
    "content-type": "application/x-protobuf",
    "accept-encoding": "snappy",
    "x-prometheus-remote-read-version": "0.1.0",
}
_EQUAL_TO_PATTERN = 2
_MILLISECONDS = 1000


def collect_prometheus(source: PrometheusSource, *, desk: Desk, stopping: threading.Event) -> None:
    """
    Look for holes until told to stop, and pull each one again.

    Raises:
        Misuse: the source names no server, or the server does not speak remote read.
        EngineUnavailable: Prometheus or the server cannot be reached.
    """
    if not source.url:
        message = "a Prometheus writes to the server by itself; name its url to pull holes again"
        raise Misuse(message)
    headers = dict(HEADERS)
    if "bearer_token" in source.secrets:
        secret = desk.surroundings.secret(source.secrets["bearer_token"])
        headers["authorization"] = f"Bearer {secret}"
    with httpx.Client(base_url=source.url, headers=headers, timeout=TIMEOUT_SECONDS) as prometheus:
        pull = HolePull(source=source, desk=desk, prometheus=prometheus)
        while not stopping.is_set():
            pull.round(stopping)
            stopping.wait(POLL_SECONDS)


@dataclass(frozen=True, slots=True, kw_only=True)
class HolePull:
    """The way from a Prometheus to the server; raises as `collect_prometheus` does."""

    source: PrometheusSource
    desk: Desk
    prometheus: httpx.Client

    def round(self, stopping: threading.Event) -> None:
        """Pull each hole that is open now."""
        state = self.desk.known_partitions().get(ARRIVED)
        for hole in () if state is None else state.open:
            if stopping.is_set():
                return
            self.pull(hole)

    def pull(self, hole: ReadSpan) -> None:
        """Send what Prometheus holds of a hole, and report it as read, or as lost if it is none."""
        begin = hole.first - self.source.gap_seconds
        found = 0
        first, window = begin, WINDOW_SECONDS
        while first < hole.end:
            end = min(first + window, hole.end)
            seconds = self._sent(first, end)
            if seconds is None and window > 1:
                window = max(1, window // 4)
                continue
            if seconds is None:
                raise Misuse(f"one second of samples has more than {ANSWER_BYTES_MAX} bytes")
            found += len(seconds)
            first = end
            window = WINDOW_SECONDS if seconds else min(window * 4, WINDOW_SECONDS_MAX)
        if found:
            report = PartitionProgress(partition=ARRIVED, read=(hole,))
        else:
            report = PartitionProgress(partition=ARRIVED, lost=(hole,))
        self.desk.report(report)

    def _sent(self, first: int, end: int) -> set[int] | None:
        """Send the samples of some seconds; None if they are too many for one answer."""
        body = self._read(first, end)
        if body is None:
            return None
        received = pulled_samples(body, self.source)
        for start in range(0, len(received.texts), LINES_MAX):
            lines = received.texts[start : start + LINES_MAX]
            self.desk.send(line_batch(b"".join(line + b"\n" for line in lines)))
        return received.seconds

    def _read(self, first: int, end: int) -> bytes | None:
        request = ReadRequest()
        query = request.queries.add(
            start_timestamp_ms=first * _MILLISECONDS, end_timestamp_ms=end * _MILLISECONDS - 1
        )
        query.matchers.add(
            type=_EQUAL_TO_PATTERN, name=NAME, value=name_pattern(self.source.metrics)
        )
        packed = pa.compress(request.SerializeToString(), codec="snappy", asbytes=True)
        try:
            with self.prometheus.stream("POST", "/api/v1/read", content=packed) as answer:
                if answer.is_error:
                    raise Misuse(f"Prometheus answers remote read with {answer.status_code}")
                return _bounded(answer)
        except httpx.TransportError as error:
            raise EngineUnavailable(f"{self.source.url}: {error}") from error


def name_pattern(patterns: Sequence[str]) -> str:
    """
    Return a regular expression that all wanted names match, and perhaps others.

    Example:
        >>> name_pattern(["http_*", "up"]), name_pattern([]), name_pattern(["a[bc]"])
        ('http_.*|up', '.+', '.+')
    """
    if not patterns or any("[" in each for each in patterns):
        return ".+"
    return "|".join(re.escape(each).replace(r"\*", ".*").replace(r"\?", ".") for each in patterns)


def _bounded(answer: httpx.Response) -> bytes | None:
    """Return the answer, unpacked; None if it is longer than what is taken."""
    packed = bytearray()
    for chunk in answer.iter_raw():
        packed += chunk
        if len(packed) > ANSWER_BYTES_MAX:
            return None
    try:
        return unpack_snappy(bytes(packed), bytes_max=ANSWER_BYTES_MAX)
    except Misuse:
        return None

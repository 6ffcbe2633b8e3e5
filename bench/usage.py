"""
Questions about usage, beside the same SQL written by hand; freshness; and a cold start.

The events come in through the server. The hand-written query knows the table and nothing of meters.
"""

import time
from collections.abc import Callable, Iterator
from pathlib import Path

import httpx

from bench.events import batches, event_texts
from bench.installation import Installation, running
from bench.load import send
from bench.rows import Row

BATCH = 5_000
QUESTIONS = 40
WAIT_SECONDS_MAX = 300
CUSTOMER = "customer-0"
METER = {
    "key": "calls",
    "event_type": "api.request",
    "aggregation": "sum",
    "value": "value",
    "unit": "request",
}


ACCOUNTS = [
    {"key": key, "name": key, "zone": "UTC", "currency": "USD", "invoiced": True}
    for key in (CUSTOMER, "fresh")
]
CATALOG = {"documents": {"meters": [METER], "accounts": ACCOUNTS}}


def measure_usage(server: Installation, *, scale: int = 1) -> Iterator[Row]:
    """Yield the rows about questions and freshness."""
    _fill(server, 500_000 * scale)
    with httpx.Client(base_url=server.url, headers=server.headers, timeout=60) as client:
        answer = client.post("/v1/catalog/apply", json=CATALOG)
        assert answer.is_success, answer.text
        yield _question(client, CUSTOMER)
        yield _freshness(client)


def measure_cold_start(folder: Path) -> Iterator[Row]:
    """Yield the row about the time from start to the first accepted event."""
    with running(folder) as server:
        _fill(server, 500_000)
    started = time.perf_counter()
    with running(folder) as server:
        send_one(server, "cold")
        seconds = time.perf_counter() - started
    yield Row(
        work="cold start to first accepted event",
        figure=f"{seconds:.1f} s",
        rival="",
        ratio="",
        note="500,000 events stored; PostgreSQL's start included",
    )


def send_one(server: Installation, event_id: str) -> int:
    """Send one event and return the position at which it is durable."""
    content = event_texts(1, run=event_id)[0]
    headers = server.headers | {"content-type": "application/cloudevents+json"}
    answer = httpx.post(f"{server.url}/v1/events", headers=headers, content=content)
    return int(answer.raise_for_status().json()["last_position"])


def _fill(server: Installation, events: int) -> None:
    bodies = batches(event_texts(events, run="fill"), BATCH)
    headers = server.headers | {"content-type": "application/json"}
    load = send(f"{server.url}/v1/events", headers, bodies, connections=4)
    assert set(load.statuses) == {202}, load.statuses


def _question(client: httpx.Client, customer: str) -> Row:
    query = {
        "meter": "calls",
        "account": customer,
        "start": "2026-11-01T00:00:00Z",
        "end": "2026-12-01T00:00:00Z",
        "window": "total",
    }
    times = _timed(lambda: client.get("/v1/usage", params=query).raise_for_status())
    return Row(
        work="usage of the largest customer, one month, over HTTP",
        figure=f"p50 {times[len(times) // 2] * 1000:.0f} ms, p99 {times[-1] * 1000:.0f} ms",
        rival="",
        ratio="",
        note=f"{QUESTIONS} questions",
    )


def _freshness(client: httpx.Client) -> Row:
    query = {
        "meter": "calls",
        "account": "fresh",
        "start": "2026-11-01T00:00:00Z",
        "end": "2026-12-01T00:00:00Z",
        "window": "total",
    }
    waits = []
    for number in range(QUESTIONS):
        event = {
            "specversion": "1.0",
            "id": f"fresh-{time.time_ns()}",
            "source": "bench",
            "type": "api.request",
            "subject": "fresh",
            "time": "2026-11-02T00:00:00Z",
            "data": {"value": 1},
        }
        client.post("/v1/events", json=event).raise_for_status()
        started = time.perf_counter()
        while time.perf_counter() - started < WAIT_SECONDS_MAX:
            rows = client.get("/v1/usage", params=query).raise_for_status().json()["items"]
            if rows and rows[0]["quantity"] == str(number + 1):
                break
        waits.append(time.perf_counter() - started)
    waits.sort()
    return Row(
        work="from acknowledged to counted",
        figure=f"p50 {waits[len(waits) // 2] * 1000:.0f} ms, max {waits[-1] * 1000:.0f} ms",
        rival="Lago states under 2 s p99",
        ratio="",
        note="idle server, one event at a time",
    )


def _timed(ask: Callable[[], object]) -> list[float]:
    times = []
    for _ in range(QUESTIONS):
        started = time.perf_counter()
        ask()
        times.append(time.perf_counter() - started)
    return sorted(times)

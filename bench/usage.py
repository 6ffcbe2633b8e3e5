"""
Questions about usage, beside the same SQL written by hand; freshness; and a cold start.

The events come in through the server. The hand-written query knows the table and nothing of meters.
"""

import tempfile
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import clickhouse_connect
import httpx
import msgspec
import pyarrow as pa

from bench.events import batches, event_texts
from bench.installation import Installation, running
from bench.load import send
from bench.rows import Row

BATCH = 5_000
QUESTIONS = 40
ROLL_UP_SECONDS = 15
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
    texts = event_texts(500_000 * scale, run="fill")
    _fill(server, texts)
    by_hand = _by_hand(texts)
    with httpx.Client(base_url=server.url, headers=server.headers, timeout=60) as client:
        answer = client.post("/v1/catalog/apply", json=CATALOG)
        assert answer.is_success, answer.text
        _await_rollups(client)
        yield _question(client, CUSTOMER, by_hand, len(texts))
        yield _freshness(client)


def measure_cold_start(folder: Path) -> Iterator[Row]:
    """Yield the row about the time from start to the first accepted event."""
    with running(folder) as server:
        _fill(server, event_texts(500_000, run="fill"))
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


def _fill(server: Installation, texts: list[str]) -> None:
    bodies = batches(texts, BATCH)
    headers = server.headers | {"content-type": "application/json"}
    load = send(f"{server.url}/v1/events", headers, bodies, connections=4)
    assert set(load.statuses) == {202}, load.statuses


def _by_hand(texts: list[str]) -> list[float]:
    """Return the times of the same sum over typed columns in ClickHouse, by somebody who knows."""
    with tempfile.TemporaryDirectory() as folder:
        engine = clickhouse_connect.get_client(dsn=f"chdb://{folder}/rival")
        engine.command(
            "CREATE TABLE rival (subject String, time DateTime64(6, 'UTC'), value Decimal(38, 18)) "
            "ENGINE = MergeTree ORDER BY (subject, time)"
        )
        for start in range(0, len(texts), 50_000):
            engine.insert_arrow("rival", _columns(texts[start : start + 50_000]))
        question = (
            f"SELECT sum(value) FROM rival WHERE subject = '{CUSTOMER}' "
            "AND time >= '2026-11-01' AND time < '2026-12-01'"
        )
        times = _timed(lambda: engine.query(question))
        engine.close()
    return times


def _columns(texts: list[str]) -> pa.Table:
    events = [msgspec.json.decode(text) for text in texts]
    times = pa.array([event["time"] for event in events]).cast(pa.timestamp("us", tz="UTC"))
    values = pa.array([str(event["data"]["value"]) for event in events])
    subjects = [event["subject"] for event in events]
    return pa.table(
        {"subject": subjects, "time": times, "value": values.cast(pa.decimal128(38, 18))}
    )


def _await_rollups(client: httpx.Client) -> None:
    """Give the keeper of roll-ups the time that it has in life."""
    client.get("/healthz").raise_for_status()
    time.sleep(ROLL_UP_SECONDS)


def _question(client: httpx.Client, customer: str, by_hand: list[float], events: int) -> Row:
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
        figure=f"p50 {_middle(times) * 1000:.1f} ms, p99 {times[-1] * 1000:.1f} ms",
        rival=f"the sum by hand in ClickHouse: p50 {_middle(by_hand) * 1000:.1f} ms",
        ratio=f"{_middle(times) / _middle(by_hand):.1f}",
        note=f"{events:,} events stored, {QUESTIONS} questions",
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


def _middle(times: list[float]) -> float:
    return times[len(times) // 2]


def _timed(ask: Callable[[], object]) -> list[float]:
    times = []
    for _ in range(QUESTIONS):
        started = time.perf_counter()
        ask()
        times.append(time.perf_counter() - started)
    return sorted(times)

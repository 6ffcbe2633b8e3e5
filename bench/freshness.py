"""
From acknowledged to counted, while a paced load comes in.

One process sends batches at a fixed rate; here an event is sent now and then, and the time is taken
from its acknowledgement to the answer of `GET /v1/usage` that counts it.
"""

import time
from collections.abc import Iterator
from threading import Thread
from typing import Any

from bench.events import batches, event_texts
from bench.load import Load, send
from bench.rows import Row
from bench.stored import Stored

RATE = 50_000
SECONDS = 15
BATCH = 1_000
CONNECTIONS = 4
WAIT_SECONDS_MAX = 60
ACCEPTED = 202
TYPE = "api.fresh"
METER = {
    "key": "fresh-calls",
    "event_type": TYPE,
    "aggregation": "sum",
    "value": "value",
    "unit": "request",
}
QUERY = {
    "meter": "fresh-calls",
    "account": "fresh",
    "start": "2026-11-01T00:00:00Z",
    "end": "2026-12-01T00:00:00Z",
}


def measure_freshness(stored: Stored, *, rate: int = RATE) -> Iterator[Row]:
    """Yield a row of an idle server, and one under load."""
    stored.declare(["fresh"], METER)
    yield _row(stored, _waits(stored, seconds=SECONDS / 3), note="idle server")
    run = f"paced-{time.time_ns()}"
    # Of a type of their own: the sums of what is stored stay as they are.
    texts = (text.replace("api.request", TYPE) for text in event_texts(rate * SECONDS, run=run))
    bodies = batches(list(texts), BATCH)
    loads: list[Load] = []
    sender = Thread(target=lambda: loads.append(_send(stored, bodies, rate)))
    sender.start()
    waits = _waits(stored, seconds=SECONDS, while_alive=sender)
    sender.join()
    (load,) = loads
    assert load.statuses == {ACCEPTED: len(bodies)}, load.statuses
    sent = len(bodies) * BATCH / load.seconds
    cpu = f"generator {load.cpu_seconds:.1f} CPU s"
    yield _row(stored, waits, note=f"under {sent:,.0f} events/s, {cpu}")


def _send(stored: Stored, bodies: list[bytes], rate: int) -> Load:
    headers = stored.server.headers | {"content-type": "application/cloudevents-batch+json"}
    url = f"{stored.server.url}/v1/events"
    pace = rate / BATCH
    return send(url, headers, bodies, connections=CONNECTIONS, requests_per_second=pace)


def _waits(stored: Stored, *, seconds: float, while_alive: Thread | None = None) -> list[float]:
    """Return how long each of a row of events took to count, ascending."""
    counted, waits = _counted(stored), []
    until = time.monotonic() + seconds
    while time.monotonic() < until or (while_alive is not None and while_alive.is_alive()):
        event = {
            "specversion": "1.0",
            "id": f"fresh-{time.time_ns()}",
            "source": "bench",
            "type": TYPE,
            "subject": "fresh",
            "time": "2026-11-02T00:00:00Z",
            "data": {"value": 1},
        }
        stored.http.post("/v1/events", json=event).raise_for_status()
        started = time.perf_counter()
        while _counted(stored) == counted:
            assert time.perf_counter() - started < WAIT_SECONDS_MAX, "an event was not counted"
        waits.append(time.perf_counter() - started)
        counted += 1
    return sorted(waits)


def _counted(stored: Stored) -> int:
    answer: Any = stored.http.get("/v1/usage", params=QUERY).raise_for_status().json()
    return sum(row["events"] for row in answer["items"])


def _row(stored: Stored, waits: list[float], *, note: str) -> Row:
    middle, late = (waits[int(share * len(waits))] * 1000 for share in (0.5, 0.99))
    return Row(
        work="from acknowledged to counted",
        figure=f"p50 {middle:.0f} ms, p99 {late:.0f} ms, max {waits[-1] * 1000:.0f} ms",
        rival="Lago states under 2 s p99",
        ratio="",
        note=f"{note}, {len(waits)} events, {stored.events:,} stored before",
    )

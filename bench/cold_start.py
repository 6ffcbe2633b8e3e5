"""A start with many events stored, until the first event is accepted."""

import time
from collections.abc import Iterator
from pathlib import Path

import httpx

from bench.events import event_texts
from bench.installation import Installation, running
from bench.rows import Row
from bench.stored import Say, Stored


def measure_cold_start(folder: Path, *, events: int, say: Say) -> Iterator[Row]:
    """Yield the row about the time from start to the first accepted event."""
    with running(folder) as server, Stored(server, events, say=say) as stored:
        stored.fill(events)
    say("starting anew")
    started = time.perf_counter()
    with running(folder) as server:
        send_one(server, f"cold-{time.time_ns()}")
        seconds = time.perf_counter() - started
    yield Row(
        work="cold start to first accepted event",
        figure=f"{seconds:.1f} s",
        rival="",
        ratio="",
        note=f"{events:,} events stored; PostgreSQL's start included",
    )


def send_one(server: Installation, event_id: str) -> int:
    """Send one event and return the position at which it is durable."""
    # Of a type of its own: the sums of what is stored stay as they are.
    content = event_texts(1, run=event_id)[0].replace("api.request", "api.cold")
    headers = server.headers | {"content-type": "application/cloudevents+json"}
    answer = httpx.post(f"{server.url}/v1/events", headers=headers, content=content)
    return int(answer.raise_for_status().json()["last_position"])

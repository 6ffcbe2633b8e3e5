"""
Processes killed at random while events come in: nothing acknowledged is missing or counted twice.

A whole installation runs under `tallystick up`. Producers send events with retries and keep a list
of what was acknowledged; meanwhile owner, worker and postmaster of PostgreSQL are killed in
turn. At the end the log and the projection are held against that list.
"""

from __future__ import annotations

import json
import random
import threading
import time
from collections import Counter
from dataclasses import dataclass, field

import httpx
import pytest

from tallystick.bootstrap import DataDirectory
from tests import plain_http
from tests.stories.up import START_SECONDS_MAX, Up, logged_events, reachable_folder

PRODUCERS = 3
BATCH = 40
TYPE = "kill.test"


@dataclass(slots=True)
class Producer:
    """Sends batches until told to stop; a batch is sent again, unchanged, until it is taken."""

    name: str
    data: DataDirectory
    url: str
    stop: threading.Event
    acknowledged: list[str] = field(default_factory=list)
    in_flight: bool = False

    def run(self) -> None:
        """Send batch after batch; ends only with a batch that was taken."""
        number = 0
        while not self.stop.is_set():
            ids = [f"{self.name}-{number}-{n}" for n in range(BATCH)]
            events = [
                {"specversion": "1.0", "id": i, "source": "killed", "type": TYPE, "subject": "acme"}
                for i in ids
            ]
            self._send(json.dumps(events).encode())
            self.acknowledged += ids
            number += 1

    def _send(self, body: bytes) -> None:
        while True:
            try:
                token = json.loads(self.data.token.read_bytes())["token"]
                headers = {"authorization": f"Bearer {token}", "content-type": "application/json"}
                self.in_flight = True
                answer = plain_http.post(
                    f"{self.url}/v1/events", content=body, headers=headers, timeout=10
                )
                self.in_flight = False
                if answer.status_code == httpx.codes.ACCEPTED:
                    report = answer.json()
                    assert report["accepted"] + report["duplicate"] == BATCH, report
                    return
            except (OSError, ValueError, httpx.HTTPError):
                self.in_flight = False
            time.sleep(0.05)


def kill_often(
    up: Up, producers: list[Producer], kills: int, chance: random.Random
) -> Counter[str]:
    """Kill the roles in turn; return how often each, and how often with a request in flight."""
    counted: Counter[str] = Counter()
    roles = ("owner", "postmaster", "owner", "worker")
    while sum(counted[role] for role in set(roles)) < kills:
        role = roles[sum(counted[role] for role in set(roles)) % len(roles)]
        up.await_ready()
        time.sleep(chance.uniform(0.05, 0.8))
        target = up.find(role)
        if target is None:
            continue
        counted["in flight"] += any(producer.in_flight for producer in producers)
        target.kill()
        counted[role] += 1
        time.sleep(chance.uniform(0.05, 0.3))
    return counted


def ids_in_log(data: DataDirectory) -> list[str]:
    """Return the ids that the log itself holds."""
    return [event.id for event in logged_events(data, TYPE)]


def projected_count(up: Up, position: int) -> int:
    """Return how many events the projection holds once it covers a position."""
    deadline = time.monotonic() + START_SECONDS_MAX
    while time.monotonic() < deadline:
        ready = plain_http.get(f"{up.url}/readyz").json()
        if ready["projection_position"] >= position:
            return int(ready["projection_position"])
        time.sleep(0.1)
    pytest.fail("the projection does not catch up")


@pytest.mark.parametrize(
    ("kills", "in_flight_min"),
    [pytest.param(4, 0, id="short"), pytest.param(50, 40, id="fifty", marks=pytest.mark.nightly)],
)
def test_nothing_acknowledged_is_lost_or_doubled(kills: int, in_flight_min: int) -> None:
    """However often processes are killed, each acknowledged event is in the log exactly once."""
    folder = reachable_folder()
    seed = random.SystemRandom().randrange(2**32)
    print(f"seed {seed}")  # noqa: T201 - shown when the test fails
    up = Up(folder)
    stop = threading.Event()
    producers = [Producer(f"p{n}", up.data, up.url, stop) for n in range(PRODUCERS)]
    threads = [threading.Thread(target=producer.run) for producer in producers]
    try:
        up.await_ready()
        for thread in threads:
            thread.start()
        counted = kill_often(up, producers, kills, random.Random(seed))
        up.await_ready()
        stop.set()
        for thread in threads:
            thread.join(60)
        stored = Counter(ids_in_log(up.data))
        acknowledged = {event_id for producer in producers for event_id in producer.acknowledged}
        assert acknowledged - stored.keys() == set()
        assert [event_id for event_id, count in stored.items() if count > 1] == []
        assert len(stored) == len(acknowledged)
        assert projected_count(up, len(stored)) == len(stored)
        assert counted["in flight"] >= in_flight_min, counted
    finally:
        stop.set()
        up.stop()

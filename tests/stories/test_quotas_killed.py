"""
Processes killed while limits are asked: nothing is granted beyond, nothing leaks, counts stay true.

Clients ask for one use after the other, each under its own id, again and unchanged until it is
answered; others send events of the same meter. Owner and PostgreSQL are killed meanwhile.
"""

from __future__ import annotations

import json
import random
import signal
import threading
from dataclasses import dataclass, field
from typing import Any

import httpx
import psutil
import pytest

from tallystick.bootstrap import DataDirectory
from tests import plain_http
from tests.api.test_quotas import catalog
from tests.stories.up import Up, logged_events, reachable_folder
from tests.waiting import wait_until

CLIENTS = 4
INGESTED = 60
SECONDS_MAX = 90
REFUSED = 3
TOKENS = {"key": "tokens", "kind": "metered", "meter": "tokens", "window": {"every": "month"}}


@dataclass(slots=True)
class Client:
    """Asks until it is refused for good, or told to stop."""

    name: str
    data: DataDirectory
    url: str
    stop: threading.Event
    allowed: list[str] = field(default_factory=list)
    refused: int = 0
    token: str = ""
    """Its key; empty: the operator's of the present start."""

    def run(self) -> None:
        """Consume one call after the other."""
        number = 0
        while not self.stop.is_set() and self.refused < REFUSED:
            identity = f"{self.name}-{number}"
            order = {"account": "acme", "feature": "calls", "source": "k", "id": identity}
            answer = self.post("/v1/quota/consume", order)
            if answer["degraded"]:
                continue  # nobody could count; asked again
            if answer["allowed"]:
                self.allowed.append(identity)
            else:
                self.refused += 1
            number += 1

    def send(self, count: int) -> None:
        """Ingest events that nobody asked for."""
        for number in range(count):
            event = {
                "specversion": "1.0",
                "id": f"{self.name}-i{number}",
                "source": "k",
                "type": "api.call",
                "subject": "acme",
            }
            self.post("/v1/events", [event])

    def post(self, path: str, body: object) -> Any:  # noqa: ANN401 - JSON of many shapes
        """Send until somebody answers."""
        answers: list[Any] = []

        def is_answered() -> bool:
            answer = self.attempt(path, json.dumps(body).encode())
            if answer is not None:
                answers.append(answer)
            return bool(answers)

        wait_until(is_answered, seconds_max=SECONDS_MAX, waiting_for=f"an answer to {path}")
        return answers[0]

    def attempt(self, path: str, body: bytes) -> Any:  # noqa: ANN401 - JSON of many shapes
        """Send once; return the answer, None where nobody gave one."""
        try:
            token = self.token or json.loads(self.data.token.read_bytes())["token"]
            headers = {"authorization": f"Bearer {token}", "content-type": "application/json"}
            answer = plain_http.post(f"{self.url}{path}", content=body, headers=headers, timeout=30)
        except (OSError, ValueError, httpx.HTTPError):
            return None
        assert answer.is_success or answer.status_code in {401, 429, 503}, answer.text
        return answer.json() if answer.is_success else None


@pytest.mark.parametrize(
    ("kills", "limit"),
    [
        pytest.param(3, 300, id="short"),
        pytest.param(30, 6_000, id="thirty", marks=pytest.mark.nightly),
    ],
)
def test_a_limit_holds_through_kills(kills: int, limit: int) -> None:
    """However often it is killed: allowed uses and ingested events are the limit, counted once."""
    seed = random.SystemRandom().randrange(2**32)
    print(f"seed {seed}")  # noqa: T201 - shown when the test fails
    chance = random.Random(seed)
    up = Up(reachable_folder())
    stop = threading.Event()
    clients = [Client(f"c{n}", up.data, up.url, stop) for n in range(CLIENTS)]
    try:
        up.await_ready()
        applied = clients[0].post(
            "/v1/catalog/apply", {"documents": catalog(calls={"limit": str(limit)})}
        )
        assert applied, applied
        clients[0].send(INGESTED)
        held = {"account": "acme", "feature": "calls"}
        clients[0].post(
            "/v1/quota/reserve", {**held, "reservation": "r", "quantity": "5", "seconds": 3600}
        )
        threads = [threading.Thread(target=client.run) for client in clients]
        for thread in threads:
            thread.start()
        for number in range(kills):
            up.await_ready()
            _pass(clients, chance.randint(1, 12))
            target = up.find(("owner", "postmaster")[number % 2])
            if target is not None:
                target.kill()
        up.await_ready()
        for thread in threads:
            thread.join(SECONDS_MAX)
            assert not thread.is_alive(), "a client is still asking"
        allowed = [identity for client in clients for identity in client.allowed]
        assert len(allowed) == len(set(allowed)) == limit - INGESTED - 5
        compared = clients[0].post("/v1/quota/compare", {})
        assert compared["differences"] == [], compared
        _every_use_is_logged(up, clients, set(allowed))
    finally:
        stop.set()
        up.stop()


def test_features_fail_open_or_closed_while_the_store_is_away() -> None:
    """
    Without PostgreSQL calls pass and tokens do not; what passed counts once when it is back.

    Asked with an ordinary key, which only PostgreSQL knows, for longer than keys are fresh.
    """
    up = Up(reachable_folder())
    client = Client("d", up.data, up.url, threading.Event())
    try:
        up.await_ready()
        program = {"label": "program", "scopes": ["ingest", "quota"]}
        client.token = client.post("/v1/keys", program)["token"]
        documents = catalog(calls={"limit": "3"}, tokens={"limit": "100"})
        calls = {
            "key": "calls",
            "kind": "metered",
            "meter": "calls",
            "window": {"every": "month"},
            "if_unreachable": "fail_open",
        }
        operator = Client("o", up.data, up.url, client.stop)
        operator.post(
            "/v1/catalog/apply", {"documents": {**documents, "features": [calls, TOKENS]}}
        )
        uses = [_use(client, "calls", "first")]
        assert not uses[0]["degraded"]
        assert _use(client, "tokens", "first")["allowed"]
        _without_postgres(up, client, uses)
        up.await_ready()
        counted = sum(use["allowed"] for use in uses) + 1
        wait_until(
            lambda: _counted(client) == str(counted),
            waiting_for=f"{counted} uses counted",
            seconds_max=SECONDS_MAX,
        )
        assert operator.post("/v1/quota/compare", {})["differences"] == []
    finally:
        up.stop()


def _use(client: Client, feature: str, identity: str) -> Any:  # noqa: ANN401 - JSON of many shapes
    order = {"account": "acme", "feature": feature, "source": feature, "id": identity}
    return client.post("/v1/quota/consume", order)


def _without_postgres(up: Up, client: Client, uses: list[Any]) -> None:
    """Take PostgreSQL away, with whoever would start it again, and ask."""
    target = up.find("postmaster")
    assert target is not None
    up.process.send_signal(signal.SIGSTOP)
    backends = target.children(recursive=True)
    try:
        target.kill()
        _, alive = psutil.wait_procs(backends, timeout=SECONDS_MAX)
        assert not alive, "a backend still answers for the killed server"
        uses += [_use(client, "calls", f"c{number}") for number in range(3)]
        closed = _use(client, "tokens", "while away")
        client.send(1)
    finally:
        up.process.send_signal(signal.SIGCONT)
    assert [(use["degraded"], use["reason"]) for use in uses[1:]] == [(True, "unchecked")] * 3
    assert (closed["degraded"], closed["reason"]) == (True, "unavailable")


def _counted(client: Client) -> str:
    order = {"account": "acme", "feature": "calls", "quantity": "0"}
    return str(client.post("/v1/quota/check", order)["used"])


def _pass(clients: list[Client], answers: int) -> None:
    """Wait until so many more uses were answered, or nobody asks any longer."""

    def answered() -> int:
        return sum(len(client.allowed) + client.refused for client in clients)

    enough = answered() + answers
    wait_until(
        lambda: answered() >= enough or all(client.refused >= REFUSED for client in clients),
        waiting_for="more answers",
        seconds_max=SECONDS_MAX,
    )


def _every_use_is_logged(up: Up, clients: list[Client], allowed: set[str]) -> None:
    """Each allowed use reaches the log, and the counter says no more than that."""
    ingested = {f"c0-i{number}" for number in range(INGESTED)}
    wait_until(
        lambda: _position(up) >= len(allowed | ingested),
        waiting_for="the uses in the log",
        seconds_max=60,
    )
    answer = clients[0].post("/v1/quota/compare", {})
    assert answer["differences"] == [], answer
    logged = [event.id for event in logged_events(up.data, "api.call")]
    assert sorted(logged) == sorted(allowed | ingested)


def _position(up: Up) -> int:
    ready = plain_http.get(f"{up.url}/readyz").json()
    return int(ready["projection_position"])

"""
From an event acknowledged to the webhook that tells of its alert, while a paced load comes in.

One process sends uses of 10,000 accounts at a fixed rate; here accounts with a limit of one use it
up, so many a second, and the time is taken from the acknowledgement of their event to the call that
a receiver of this process gets.  The worker that calls is a process of its own, as `up` runs it.
"""

import os
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from threading import Thread

import httpx
import msgspec

from bench.events import batches
from bench.installation import Installation
from bench.load import Load, send
from bench.quotas import ACCOUNTS, PLAN, account, apply, contract, prepare
from bench.rows import Row

RATE = 20_000
RATES_OF_ALERTS = (10, 50, 200)
SECONDS = 10
BATCH = 1_000
CONNECTIONS = 4
TICK_SECONDS = 0.1
WAIT_SECONDS_MAX = 60
WORKER_STOP_SECONDS_MAX = 30
ACCEPTED = 202
EVENTS = "application/cloudevents-batch+json"
TOPIC = "UsageThresholdBreached"
(_PRO,) = PLAN["plans"]
TINY = {**_PRO, "key": "tiny", "entitlements": [{"feature": "calls", "limit": "1"}]}


def measure_alerts(server: Installation) -> Iterator[Row]:
    """Yield a row of an idle server, and one for each rate of alerts under load."""
    prepare(server)
    phases = [(RATES_OF_ALERTS[0], 0), *((alerts, RATE) for alerts in RATES_OF_ALERTS)]
    with (
        _receiver() as receiver,
        _working(server),
        httpx.Client(base_url=server.url, headers=server.headers, timeout=300) as client,
    ):
        order = {"url": receiver.url, "topics": [TOPIC]}
        client.post("/v1/webhooks", json=order).raise_for_status()
        apply(client, {"plans": [TINY]})
        _phase(server, client, receiver, name="warm", rates=(1, 0))  # the worker has begun then
        for number, (alerts, rate) in enumerate(phases):
            yield _phase(server, client, receiver, name=f"p{number}", rates=(alerts, rate))


class _Receiver(ThreadingHTTPServer):
    """Takes calls, and keeps when the first for each account came."""

    daemon_threads = True

    def __init__(self) -> None:
        super().__init__(("127.0.0.1", 0), _Take)
        self.came: dict[str, float] = {}

    @property
    def url(self) -> str:
        """Return where calls are taken."""
        return f"http://127.0.0.1:{self.server_port}/"


class _Take(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    server: _Receiver

    def do_POST(self) -> None:
        """Keep when a call came, and answer."""
        body = self.rfile.read(int(self.headers["content-length"]))
        came = time.perf_counter()
        self.send_response(204)
        self.end_headers()
        self.server.came.setdefault(msgspec.json.decode(body)["data"]["tenantId"], came)

    def log_message(self, *_: object) -> None:
        """Say nothing."""


@contextmanager
def _receiver() -> Iterator[_Receiver]:
    with _Receiver() as receiver:
        Thread(target=receiver.serve_forever, daemon=True).start()
        yield receiver
        receiver.shutdown()


@contextmanager
def _working(server: Installation) -> Iterator[None]:
    environment = os.environ | {
        "TALLYSTICK_DATA": str(server.data.root),
        "TALLYSTICK_WEBHOOK_HOSTS": "127.0.0.1",
    }
    command = [sys.executable, "-m", "tallystick", "worker"]
    with subprocess.Popen(command, env=environment, stderr=subprocess.DEVNULL) as worker:
        try:
            yield
        finally:
            worker.terminate()
            worker.wait(WORKER_STOP_SECONDS_MAX)


def _phase(
    server: Installation,
    client: httpx.Client,
    receiver: _Receiver,
    *,
    name: str,
    rates: tuple[int, int],
) -> Row:
    alerts, rate = rates
    keys = [f"{name}-{number}" for number in range(alerts * SECONDS)]
    contracts = [contract(key, plan="tiny") for key in keys]
    apply(client, {"accounts": [account(key) for key in keys], "subscriptions": contracts})
    loads: list[Load] = []
    bodies = batches(_uses(rate * SECONDS, name), BATCH)
    sender = Thread(target=lambda: loads.append(_send(server, bodies, rate)) if rate else None)
    sender.start()
    acknowledged = _use_up(client, keys, at_once=max(1, int(alerts * TICK_SECONDS)))
    sender.join()
    until = time.perf_counter() + WAIT_SECONDS_MAX
    while len(receiver.came.keys() & set(keys)) < len(keys) and time.perf_counter() < until:
        time.sleep(TICK_SECONDS)
    assert receiver.came.keys() >= set(keys), "not every alert was told"
    waits = sorted(receiver.came[key] - at for key, at in acknowledged.items())
    sent = f"under {len(bodies) * BATCH / loads[0].seconds:,.0f} events/s" if loads else "idle"
    middle, late = (waits[int(share * len(waits))] * 1000 for share in (0.5, 0.99))
    return Row(
        work="from acknowledged to the alert's webhook",
        figure=f"p50 {middle:,.0f} ms, p99 {late:,.0f} ms, max {waits[-1] * 1000:,.0f} ms",
        rival="",
        ratio="",
        note=f"{sent}, {ACCOUNTS:,} accounts, {alerts} alerts/s, {len(waits):,} alerts",
    )


def _use_up(client: httpx.Client, keys: list[str], *, at_once: int) -> dict[str, float]:
    """Use limits up, so many each tick; return when each use was acknowledged."""
    acknowledged: dict[str, float] = {}
    due = time.perf_counter()
    for first in range(0, len(keys), at_once):
        time.sleep(max(0.0, due - time.perf_counter()))
        due += TICK_SECONDS
        chosen = keys[first : first + at_once]
        body = b"[%s]" % b",".join(_use(key, "up", key) for key in chosen)
        answer = client.post("/v1/events", content=body, headers={"content-type": EVENTS})
        assert answer.status_code == ACCEPTED, answer.text
        acknowledged |= dict.fromkeys(chosen, time.perf_counter())
    return acknowledged


def _send(server: Installation, bodies: list[bytes], rate: int) -> Load:
    headers = server.headers | {"content-type": EVENTS}
    url, pace = f"{server.url}/v1/events", rate / BATCH
    load = send(url, headers, bodies, connections=CONNECTIONS, requests_per_second=pace)
    assert load.statuses == {ACCEPTED: len(bodies)}, load.statuses
    return load


def _uses(count: int, run: str) -> list[str]:
    return [_use(f"a{number % ACCOUNTS}", run, str(number)).decode() for number in range(count)]


def _use(account: str, source: str, id: str) -> bytes:
    return (
        f'{{"specversion":"1.0","id":"{id}","source":"{source}","type":"api.call",'
        f'"subject":"{account}"}}'
    ).encode()

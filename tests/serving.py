"""
A real server for tests of HTTP: the owner process on a free port, over a clone of the template.

It is started once a session; tests keep apart by working in workspaces of their own.
"""

import os
import secrets
import shutil
import socket
import subprocess
import sys
import tempfile
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import httpx
import msgspec
import psycopg
import pytest

from tallystick.bootstrap import LocalAccess
from tests import plain_http
from tests.databases import Cluster
from tests.waiting import wait_until

START_SECONDS_MAX = 60
STOP_SECONDS_MAX = 30


@dataclass(frozen=True, slots=True, kw_only=True)
class Tenant:
    """A workspace of the server, with the operator's key for it."""

    url: str
    workspace: str
    token: str

    def client(self, token: str | None = None) -> httpx.Client:
        """Return a client with a key; the empty text stands for none."""
        key = self.token if token is None else token
        headers = {"authorization": f"Bearer {key}"} if key else {}
        return plain_http.client(self.url, headers=headers, timeout=30)

    def ask(
        self,
        method: str,
        path: str,
        *,
        token: str | None = None,
        **rest: Any,  # noqa: ANN401 - what httpx takes
    ) -> httpx.Response:
        """Send one request."""
        with self.client(token) as client:
            return client.request(method, path, **rest)

    def make_key(self, *scopes: str, account: str | None = None) -> tuple[str, str]:
        """Make a key and return its id and token."""
        order = {"label": "test", "scopes": scopes, "account": account}
        answer = self.ask("POST", "/v1/keys", json=order)
        assert answer.status_code == 201, answer.text
        made = answer.json()
        return made["key"]["id"], made["token"]

    def apply(self, documents: Mapping[str, object]) -> dict[str, Any]:
        """Apply catalog documents, which must be right."""
        answer = self.ask("POST", "/v1/catalog/apply", json={"documents": documents})
        assert answer.status_code == 200, answer.text
        applied: dict[str, Any] = answer.json()
        return applied

    def send(self, *events: Mapping[str, object]) -> dict[str, Any]:
        """Send events, of which some must be taken."""
        answer = self.ask(
            "POST",
            "/v1/events",
            content=msgspec.json.encode([event_document(event) for event in events]),
            headers={"content-type": "application/cloudevents-batch+json"},
        )
        assert answer.status_code == 202, answer.text
        report: dict[str, Any] = answer.json()
        return report


@dataclass(frozen=True, slots=True, kw_only=True)
class Served:
    """A running owner process."""

    url: str
    access: LocalAccess
    log: Path
    database: str
    cluster: Cluster
    process: subprocess.Popen[bytes]

    def tenant(self) -> Tenant:
        """Make a workspace of the server for one test."""
        workspace = f"w{secrets.token_hex(6)}"
        address = self.cluster.address("postgres", self.database)
        with psycopg.connect(address) as connection:
            row = (workspace, f"Workspace {workspace}", datetime(2026, 1, 1, tzinfo=UTC))
            connection.execute("INSERT INTO workspace VALUES (%s, 'test', %s, %s)", row)
        token = f"ts_{workspace}_local_{self.access.secret}"
        return Tenant(url=self.url, workspace=workspace, token=token)


def event_document(event: Mapping[str, object]) -> dict[str, object]:
    """Return an event with what every event needs and the test does not care about."""
    return {"specversion": "1.0", "source": "test", "type": "call", **event}


@contextmanager
def serve(cluster: Cluster, template: str, **settings: str) -> Iterator[Served]:
    """Run the owner with settings of its own until the test is done with it."""
    name = f"tallystick_served_{secrets.token_hex(4)}"
    cluster.create(name, template=template)
    root = Path(tempfile.mkdtemp(prefix="tallystick-served-"))
    environment = {
        **{key: value for key, value in os.environ.items() if not key.startswith("TALLYSTICK_")},
        "TALLYSTICK_DATA": str(root / "data"),
        "TALLYSTICK_PORT": str(free_port()),
        "TALLYSTICK_POSTGRES_URL": cluster.address("tallystick_owner", name),
        "TALLYSTICK_ENGINE_MEMORY_MIB": "512",
        **settings,
    }
    log = root / "owner.log"
    with log.open("wb") as said:
        process = subprocess.Popen(
            [sys.executable, "-m", "tallystick.owner"], env=environment, stdout=said, stderr=said
        )
    try:
        yield _served(process, root=root, name=name, cluster=cluster)
    finally:
        process.terminate()
        code = process.wait(STOP_SECONDS_MAX)
        cluster.drop(name)
        said_last = log.read_text()[-2000:]
        shutil.rmtree(root)
        assert code == 0, said_last


SHARED = {"TALLYSTICK_RATE_LIMIT": "100000", "TALLYSTICK_ALERT_SECONDS": "86400"}
"""Of the server that all tests share: it has hundreds of workspaces, which nobody watches."""


@pytest.fixture(scope="session")
def served(cluster: Cluster, template: str) -> Iterator[Served]:
    """Lend the server of the session."""
    with serve(cluster, template, **SHARED) as server:
        yield server


@pytest.fixture
def tenant(served: Served) -> Tenant:
    """Lend a workspace of the server for one test."""
    return served.tenant()


def free_port() -> int:
    """Return a port of the loopback that nobody listens on."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
        return port


def _served(process: subprocess.Popen[bytes], *, root: Path, name: str, cluster: Cluster) -> Served:
    log, token = root / "owner.log", root / "data" / "run" / "owner.json"

    def is_ready() -> bool:
        assert process.poll() is None, log.read_text()[-3000:]
        if not token.exists() or not token.read_bytes():
            return False
        url = msgspec.json.decode(token.read_bytes(), type=LocalAccess).url
        try:
            return plain_http.get(f"{url}/readyz").is_success
        except httpx.TransportError:
            return False

    wait_until(is_ready, seconds_max=START_SECONDS_MAX, waiting_for="the owner")
    access = msgspec.json.decode(token.read_bytes(), type=LocalAccess)
    return Served(
        url=access.url, access=access, log=log, database=name, cluster=cluster, process=process
    )

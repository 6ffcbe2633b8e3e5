"""The device of the log fills up: producers are told, nothing accepted is lost, it goes on."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
from typing import TYPE_CHECKING, Any

import httpx
import pytest

from tests import plain_http
from tests.stories.up import Up, logged_events, reachable_folder

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

TYPE = "disk.test"


@pytest.fixture
def small_mount() -> Iterator[Path]:
    """Yield a data directory whose log lies on a device of 256 KiB."""
    if os.geteuid() != 0 or shutil.which("mount") is None:
        pytest.skip("needs root, to mount a small file system")
    folder = reachable_folder()
    log = folder / "log"
    log.mkdir()
    mount = ["mount", "-t", "tmpfs", "-o", "size=256k", "tmpfs", str(log)]
    if subprocess.run(mount, check=False, capture_output=True).returncode != 0:
        pytest.skip("this system does not let root mount a file system")
    try:
        yield folder
    finally:
        subprocess.run(["umount", str(log)], check=True)


def send(up: Up, number: int) -> httpx.Response:
    """Send a batch of a hundred events that compress badly."""
    token = json.loads(up.data.token.read_bytes())["token"]
    events: list[dict[str, Any]] = [
        {
            "specversion": "1.0",
            "id": f"{number}-{n}",
            "source": "disk",
            "type": TYPE,
            "data": {"noise": os.urandom(60).hex()},
        }
        for n in range(100)
    ]
    headers = {"authorization": f"Bearer {token}", "content-type": "application/json"}
    return plain_http.post(
        f"{up.url}/v1/events", content=json.dumps(events).encode(), headers=headers, timeout=20
    )


def tear_a_definition(up: Up) -> None:
    """Leave what a full disk can leave of ClickHouse's files: an empty definition."""
    definition = next(up.data.clickhouse.rglob("workspace_events.sql"))
    definition.write_bytes(b"")


def projected_position(up: Up) -> int:
    """Return how far the projection is, once the server is ready."""
    return int(plain_http.get(f"{up.url}/readyz").json()["projection_position"])


def test_a_full_disk_refuses_loses_nothing_and_goes_on(small_mount: Path) -> None:
    """503 with advice while full; what was accepted stays; with room it goes on, also torn."""
    up = Up(small_mount)
    try:
        up.await_ready()
        answers = [send(up, number) for number in range(60)]
        taken = [n for n, answer in enumerate(answers) if answer.status_code == 202]
        refused = [answer for answer in answers if answer.status_code != 202]
        assert taken
        assert {answer.status_code for answer in refused} == {503}
        assert refused[0].headers["retry-after"]
        assert "make room" in refused[0].text
        resize = ["mount", "-o", "remount,size=64m", str(small_mount / "log")]
        subprocess.run(resize, check=True)
        assert send(up, 1000).status_code == 202
        events = logged_events(up.data, TYPE)
        expected = sorted(f"{n}-{m}" for n in [*taken, 1000] for m in range(100))
        assert sorted(event.id for event in events) == expected
        up.stop()
        tear_a_definition(up)
        up.start()
        up.await_ready()
        assert projected_position(up) >= len(expected)
    finally:
        up.stop()

"""`tallystick up` as a user starts it, in a folder of its own, for stories that break things."""

import atexit
import os
import shutil
import signal
import subprocess
import sys
import tempfile
from collections.abc import Mapping
from pathlib import Path

import httpx
import psutil

from bench.installation import free_port
from tallystick.bootstrap import DataDirectory
from tallystick.metering import Event
from tallystick.storage.log import blocks_from, read_events
from tests import plain_http
from tests.waiting import wait_until

START_SECONDS_MAX = 90


def reachable_folder() -> Path:
    """
    Return a folder that the database server's user can pass through to, gone when the run ends.

    Not one of pytest's: what is above those is closed to others, again by every run that starts.
    """
    folder = Path(tempfile.mkdtemp(prefix="tallystick-up-"))
    folder.chmod(0o755)
    atexit.register(shutil.rmtree, folder, ignore_errors=True)
    data = folder / "data"
    data.mkdir(mode=0o755)
    return data


def logged_events(data: DataDirectory, event_type: str) -> list[Event]:
    """Return what the log itself holds of a type in the workspace `live`, to its very end."""
    ends = (block.header.last_position for block in blocks_from(data.segments, 1))
    events = read_events(
        data.segments,
        workspace="live",
        types=frozenset({event_type}),
        subjects=None,
        through=max(ends, default=0),
    )
    return list(events)


class Up:
    """`tallystick up` in a folder, and its processes by role; it runs from the beginning."""

    def __init__(
        self, folder: Path, *flags: str, environment: Mapping[str, str] | None = None
    ) -> None:
        self.data = DataDirectory(root=folder)
        self.port = free_port()
        self.url = f"http://127.0.0.1:{self.port}"
        self._environment = dict(environment or {}) | {
            "TALLYSTICK_DATA": str(folder),
            "TALLYSTICK_PORT": str(self.port),
            "TALLYSTICK_LOG_LEVEL": "warning",
        }
        chosen = flags or ("--no-sample", "--no-collect")
        self._command = [sys.executable, "-m", "tallystick", "up", *chosen]
        self.said = folder.with_name(f"{folder.name}-up.log")
        self.start()

    def start(self) -> None:
        """Start it; at first, and after it was stopped or killed."""
        with self.said.open("ab") as said:
            self.process = subprocess.Popen(
                self._command, env=os.environ | self._environment, stdout=said, stderr=said
            )

    def await_ready(self) -> None:
        """Wait until the server answers that it is ready."""
        wait_until(self._is_ready, seconds_max=START_SECONDS_MAX, waiting_for=self.url)

    def _is_ready(self) -> bool:
        assert self.process.poll() is None, f"tallystick up ended:\n{self.said.read_text()[-5000:]}"
        try:
            return plain_http.get(f"{self.url}/readyz", timeout=5).is_success
        except httpx.HTTPError:
            return False

    def find(self, role: str) -> psutil.Process | None:
        """Return the running process of a role: owner, worker or postmaster."""
        for child in psutil.Process(self.process.pid).children():
            try:
                command = child.cmdline()
            except psutil.Error:
                continue
            if (role == "postmaster" and "postgres" in command[0]) or role in command[1:]:
                return child
        return None

    def stop(self) -> None:
        """End it as Ctrl-C does."""
        self.process.send_signal(signal.SIGINT)
        assert self.process.wait(60) == 0

"""`tallystick up` as a user starts it, in a folder of its own, for stories that break things."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
from typing import TYPE_CHECKING

import httpx
import psutil
import pytest

from bench.installation import free_port
from tallystick.bootstrap import DataDirectory

if TYPE_CHECKING:
    from pathlib import Path

START_SECONDS_MAX = 90


def reachable_folder(factory: pytest.TempPathFactory) -> Path:
    """Return a folder that the database server's user can pass through to."""
    folder = factory.mktemp("up")
    for parent in (folder, *folder.parents[:2]):
        parent.chmod(0o755)
    return folder


class Up:
    """`tallystick up` in a folder, and its processes by role."""

    def __init__(self, folder: Path) -> None:
        self.data = DataDirectory(root=folder)
        self.port = free_port()
        self.url = f"http://127.0.0.1:{self.port}"
        environment = os.environ | {
            "TALLYSTICK_DATA": str(folder),
            "TALLYSTICK_PORT": str(self.port),
            "TALLYSTICK_LOG_LEVEL": "warning",
        }
        command = [sys.executable, "-m", "tallystick", "up", "--no-sample", "--no-collect"]
        self.process = subprocess.Popen(command, env=environment, stderr=subprocess.DEVNULL)

    def await_ready(self) -> None:
        """Wait until the server answers that it is ready."""
        deadline = time.monotonic() + START_SECONDS_MAX
        while time.monotonic() < deadline:
            assert self.process.poll() is None, "tallystick up ended"
            try:
                if httpx.get(f"{self.url}/readyz", timeout=5).is_success:
                    return
            except httpx.HTTPError:
                pass
            time.sleep(0.1)
        pytest.fail(f"not ready within {START_SECONDS_MAX} s")

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

"""A whole installation in a temporary folder, for one benchmark: PostgreSQL, owner, a key."""

import os
import secrets
import shutil
import socket
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import httpx
import msgspec
import psutil

from tallystick.app.clock import SystemClock
from tallystick.bootstrap import DataDirectory, LocalAccess, settings_from
from tallystick.bootstrap.engines import OWNER_ROLE
from tallystick.cli.installation import install
from tallystick.storage.postgres import EmbeddedPostgres

START_SECONDS_MAX = 60


@dataclass(frozen=True, slots=True, kw_only=True)
class Installation:
    """A server that runs, and how to reach it."""

    data: DataDirectory
    url: str
    token: str
    process: psutil.Process
    postgres: psutil.Process
    postgres_uri: str

    @property
    def headers(self) -> dict[str, str]:
        """Headers of an authorized request."""
        return {"authorization": f"Bearer {self.token}"}

    def cpu_seconds(self) -> float:
        """Return what the owner process has used so far."""
        times = self.process.cpu_times()
        return float(times.user + times.system)

    def postgres_cpu_seconds(self) -> float:
        """Return what PostgreSQL has used so far, with all of its processes, ended ones too."""
        own = self.postgres.cpu_times()
        found = own.user + own.system + own.children_user + own.children_system
        for child in self.postgres.children():
            times = child.cpu_times()
            found += times.user + times.system
        return float(found)


def free_port() -> int:
    """Return a port of the loopback address that nobody listens on."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


@contextmanager
def running(folder: Path | None = None) -> Iterator[Installation]:
    """Start an installation and stop it; in a folder of its own unless one is given."""
    root = folder or Path(tempfile.mkdtemp(prefix=f"tallystick-bench-{secrets.token_hex(3)}-"))
    root.mkdir(exist_ok=True)
    root.chmod(0o755)
    data = DataDirectory(root=root)
    data.prepare()
    port = free_port()
    try:
        with EmbeddedPostgres(data.postgres) as postgres:
            install(settings_from({}, data=root), SystemClock())
            environment = os.environ | {
                "TALLYSTICK_DATA": str(root),
                "TALLYSTICK_PORT": str(port),
                "TALLYSTICK_RATE_LIMIT": "1000000",
                "TALLYSTICK_LOG_LEVEL": "warning",
            }
            owner = subprocess.Popen([sys.executable, "-m", "tallystick.owner"], env=environment)
            try:
                yield Installation(
                    data=data,
                    url=f"http://127.0.0.1:{port}",
                    token=_await_token(data, owner, f"http://127.0.0.1:{port}"),
                    process=psutil.Process(owner.pid),
                    postgres=psutil.Process(postgres.pid),
                    postgres_uri=postgres.uri(OWNER_ROLE),
                )
            finally:
                owner.terminate()
                owner.wait(60)
    finally:
        if folder is None:
            shutil.rmtree(root)


def _await_token(data: DataDirectory, owner: subprocess.Popen[bytes], url: str) -> str:
    deadline = time.monotonic() + START_SECONDS_MAX
    while time.monotonic() < deadline and owner.poll() is None:
        try:
            httpx.get(f"{url}/healthz").raise_for_status()
            return msgspec.json.decode(data.token.read_bytes(), type=LocalAccess).token
        except (OSError, httpx.HTTPError):
            time.sleep(0.02)
    message = f"the owner did not answer within {START_SECONDS_MAX} s"
    raise RuntimeError(message)

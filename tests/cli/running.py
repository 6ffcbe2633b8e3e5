"""The command line as a user has it: processes, their words, their exit codes."""

import os
import shutil
import signal
import socket
import subprocess
import sys
import tempfile
from collections.abc import Iterator, Mapping
from contextlib import contextmanager, redirect_stderr, redirect_stdout
from dataclasses import dataclass, field
from io import StringIO
from pathlib import Path

import msgspec

from tallystick.cli import main
from tests.waiting import wait_until

START_SECONDS_MAX = 180.0
STOP_SECONDS_MAX = 60.0


@dataclass(frozen=True, slots=True, kw_only=True)
class Ended:
    """How a command ended."""

    code: int
    out: str
    err: str

    def document(self) -> object:
        """Return the JSON that it printed."""
        return msgspec.json.decode(self.out)


def tallystick(*arguments: str | Path, env: Mapping[str, str] | None = None) -> Ended:
    """Run one command to its end."""
    done = subprocess.run(
        [sys.executable, "-m", "tallystick", *map(str, arguments)],
        capture_output=True,
        text=True,
        check=False,
        timeout=START_SECONDS_MAX,
        env={**os.environ, **(env or {})},
    )
    return Ended(code=done.returncode, out=done.stdout, err=done.stderr)


def here(*arguments: str | Path) -> Ended:
    """Run one command to its end in this process: what a process of its own would only slow."""
    with redirect_stdout(StringIO()) as out, redirect_stderr(StringIO()) as err:
        code = main([*map(str, arguments)])
    return Ended(code=code, out=out.getvalue(), err=err.getvalue())


@contextmanager
def data_directory() -> Iterator[Path]:
    """Give an empty folder that PostgreSQL's own user can reach too, where root runs the tests."""
    root = Path(tempfile.mkdtemp(prefix="tallystick-cli-", dir="/var/tmp"))
    root.chmod(0o711)
    try:
        yield root / "data"
    finally:
        shutil.rmtree(root, ignore_errors=True)


def free_port() -> int:
    """Return a port that was free a moment ago."""
    with socket.create_server(("127.0.0.1", 0)) as server:
        return int(server.getsockname()[1])


@dataclass(slots=True, kw_only=True)
class Running:
    """A `tallystick up` that runs."""

    data: Path
    port: int
    process: "subprocess.Popen[str]"
    said: list[str] = field(default_factory=list)

    def run(self, *arguments: str | Path) -> Ended:
        """Run a command against this server, in this process."""
        return here(*arguments, "--data", self.data)

    def stop(self) -> int:
        """Press Ctrl-C and return the exit code."""
        self.process.send_signal(signal.SIGINT)
        return self.process.wait(STOP_SECONDS_MAX)

    def kill(self) -> None:
        """End the supervisor without a word."""
        self.process.kill()
        self.process.wait()


@contextmanager
def running(data: Path, *arguments: str) -> Iterator[Running]:
    """Start everything on a data directory, and stop it at the end if that was not done before."""
    port = free_port()
    said = data.parent / f"up-{port}.log"
    with said.open("w") as output:
        process = subprocess.Popen(
            [
                sys.executable, "-m", "tallystick", "up",
                "--data", str(data), "--port", str(port), *arguments,
            ],
            stdout=output,
            stderr=output,
            text=True,
        )  # fmt: skip
    try:
        wait_until(
            lambda: "Ctrl-C stops it" in said.read_text() or process.poll() is not None,
            seconds_max=START_SECONDS_MAX,
            waiting_for="the start",
        )
        assert process.poll() is None, said.read_text()
        yield Running(data=data, port=port, process=process, said=said.read_text().splitlines())
    finally:
        if process.poll() is None:
            process.send_signal(signal.SIGTERM)
            process.wait(STOP_SECONDS_MAX)

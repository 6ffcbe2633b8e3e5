"""Supervised processes: real ones, killed for real."""

import os
import signal
import socket
import subprocess
import sys
import threading
from collections.abc import Iterator
from pathlib import Path

import psutil
import pytest

from tallystick.cli.supervisor import Supervisor, await_leftovers, require_free_port
from tallystick.cli.supervisor.backoff import DELAY_SECONDS_MAX, Backoff
from tallystick.cli.supervisor.program_log import ProgramLog
from tallystick.kernel import EngineUnavailable
from tests.waiting import wait_until

SLEEPER = "import time; print('up', flush=True); time.sleep(600)"
FOLLOWER = """
import os, time
from tallystick.cli.supervisor import follow_lifeline
follow_lifeline(os.environ)
print("following", flush=True)
time.sleep(600)
"""
KEEPER = """
import os, sys
from pathlib import Path
from tallystick.cli.supervisor import Supervisor
run = Path(sys.argv[1])
supervisor = Supervisor(
    run=run, environment=os.environ, say=print, program=(sys.executable, "-c")
)
supervisor.add("follower", [sys.argv[2]])
supervisor.tend_until_stopped()
"""


@pytest.fixture
def said() -> list[str]:
    """What the supervisor told."""
    return []


@pytest.fixture
def supervisor(tmp_path: Path, said: list[str]) -> Iterator[Supervisor]:
    """A supervisor whose children run scripts of this test."""
    made = Supervisor(
        run=tmp_path, environment=os.environ, say=said.append, program=(sys.executable, "-c")
    )
    yield made
    made.stop()


def test_a_killed_child_is_started_again(supervisor: Supervisor, said: list[str]) -> None:
    """Kill -9 of a child: another one runs soon, and the person is told."""
    child = supervisor.add("sleeper", [SLEEPER])
    assert child.process is not None
    first = child.process.pid
    os.kill(first, signal.SIGKILL)

    def again() -> bool:
        supervisor.tend()
        return child.process is not None and child.process.pid != first

    wait_until(again, seconds_max=30, waiting_for="the next start")
    assert "was ended by SIGKILL" in said[0]


def test_stop_ends_all_children(supervisor: Supervisor) -> None:
    """Stopping leaves nothing behind."""
    first = supervisor.add("first", [SLEEPER])
    second = supervisor.add("second", [SLEEPER])
    pids = [child.process.pid for child in (first, second) if child.process]
    supervisor.stop()
    assert len(pids) == 2
    assert not any(psutil.pid_exists(pid) for pid in pids)


def test_what_a_child_says_is_kept(supervisor: Supervisor, tmp_path: Path) -> None:
    """A child's output is in its file, and its last lines are at hand."""
    child = supervisor.add("sleeper", [SLEEPER])
    file = tmp_path / "sleeper.log"
    wait_until(
        lambda: file.exists() and file.read_text() == "up\n",
        seconds_max=30,
        waiting_for="its word",
    )
    assert list(child.log.last_lines) == ["up"]


def test_a_full_device_takes_words_but_no_child(supervisor: Supervisor, tmp_path: Path) -> None:
    """Where what a child says cannot be written it runs on, and can still be started."""
    for name in ("chatty.log", "children"):
        (tmp_path / name).symlink_to("/dev/full")
    child = supervisor.add("chatty", ["for n in range(300): print(n, 'x' * 1000, flush=True)"])
    assert child.process is not None
    assert child.process.wait(30) == 0
    wait_until(
        lambda: any(line.startswith("299 ") for line in child.log.last_lines),
        seconds_max=30,
        waiting_for="the last line",
    )


def test_what_cannot_be_started_is_tried_again(supervisor: Supervisor, said: list[str]) -> None:
    """A start that fails for want of memory or descriptors does not end everything else."""
    child = supervisor.add("sleeper", [SLEEPER])
    assert child.process is not None
    spawn, child.spawn = child.spawn, lambda _: subprocess.Popen(["/nowhere"])
    os.kill(child.process.pid, signal.SIGKILL)

    def told() -> bool:
        supervisor.tend()
        return len(said) > 1

    wait_until(told, seconds_max=30, waiting_for="a failed start")
    assert "cannot be started" in said[1]
    child.spawn = spawn

    def runs() -> bool:
        supervisor.tend()
        return child.process is not None

    wait_until(runs, seconds_max=30, waiting_for="the next start")


def test_a_child_that_cannot_start_ends_the_wait_with_its_words(supervisor: Supervisor) -> None:
    """A server that fails before it was ready is given up, and its last words are shown."""
    child = supervisor.add("owner", ["raise SystemExit('no such table')"])
    with pytest.raises(EngineUnavailable, match="no such table"):
        supervisor.await_ready(child, lambda: False)


def test_a_child_that_is_killed_while_it_starts_is_started_again(supervisor: Supervisor) -> None:
    """Kill -9 of a server before it was ready is no failure of its own: another one comes up."""
    child = supervisor.add("owner", [SLEEPER])
    assert child.process is not None
    child.process.kill()
    supervisor.await_ready(child, lambda: child.started > 1)
    assert child.process is not None


def test_children_end_with_a_killed_supervisor(tmp_path: Path) -> None:
    """Kill -9 of the supervisor: its child ends by itself, and a new supervisor waits for that."""
    keeper = subprocess.Popen([sys.executable, "-c", KEEPER, str(tmp_path), FOLLOWER])
    log = tmp_path / "follower.log"
    wait_until(
        lambda: log.exists() and "following" in log.read_text(),
        seconds_max=30,
        waiting_for="the follower",
    )
    (follower,) = psutil.Process(keeper.pid).children()
    with pytest.raises(EngineUnavailable, match=f"kill -9 {follower.pid}"):
        await_leftovers(tmp_path, patience_seconds=0.0)
    keeper.kill()
    keeper.wait()
    await_leftovers(tmp_path)
    gone = (psutil.STATUS_ZOMBIE, psutil.STATUS_DEAD)
    assert not follower.is_running() or follower.status() in gone


def test_backoff_grows_to_its_bound_and_begins_anew() -> None:
    """A child that keeps failing is tried less often; one that ran well is not punished."""
    backoff = Backoff()
    delays = [backoff.delay_seconds(ran_seconds=0.1) for _ in range(40)]
    assert delays == sorted(delays)
    assert delays[-1] == DELAY_SECONDS_MAX
    assert backoff.delay_seconds(ran_seconds=3600.0) == delays[0]


def test_logs_do_not_grow_for_ever(tmp_path: Path) -> None:
    """A log of bounded size keeps the newest lines, and one predecessor."""
    log = ProgramLog(path=tmp_path / "x.log", file_bytes_max=100)
    reading, writing = os.pipe()
    with os.fdopen(writing, "wb") as file:
        file.writelines(b"line %03d\n" % number for number in range(200))
    log.follow(os.fdopen(reading, "rb")).join()
    assert sum(path.stat().st_size for path in tmp_path.iterdir()) <= 200
    assert (tmp_path / "x.log").read_text().endswith("line 199\n")


def test_a_port_in_use_is_told_before_anything_starts() -> None:
    """A taken address names itself and the way to another."""
    with socket.create_server(("127.0.0.1", 0)) as server:
        host, port = server.getsockname()
        with pytest.raises(EngineUnavailable, match=f"{port}.*--port"):
            require_free_port(host, port)


def test_an_address_of_another_computer() -> None:
    """An address that is not ours is told as such."""
    with pytest.raises(EngineUnavailable, match="no address of this computer"):
        require_free_port("192.0.2.1", 8080)


def test_stop_while_waiting_for_readiness(supervisor: Supervisor) -> None:
    """Ctrl-C during the start ends the wait at once."""
    child = supervisor.add("owner", [SLEEPER])
    threading.Timer(0.1, supervisor.stopping.set).start()
    supervisor.await_ready(child, lambda: False)
    assert supervisor.stopping.is_set()

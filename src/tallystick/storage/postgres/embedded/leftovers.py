"""
Processes of an earlier server on the same cluster, whose parent or postmaster was killed.

Called only under the directory's lock, so that whatever still runs there has lost its keeper. A
process is known by its program and its working directory: PostgreSQL's processes all stand in the
cluster's folder. A process id alone proves nothing, it may have been given to somebody else since.
"""

import signal
from pathlib import Path

import psutil

from tallystick.kernel import EngineUnavailable

_PROGRAM = "postgres"
_CHILDREN_SECONDS = 2
_SHUTDOWN_SECONDS = 30


def end_leftovers(cluster: Path) -> None:
    """
    End what still runs on the cluster and remove a stale ``postmaster.pid``.

    A live postmaster is asked to shut down; children without one end by themselves, those that hang
    are killed. Nothing committed is lost by either.

    Raises:
        EngineUnavailable: a process does not end.
    """
    running = _processes(cluster)
    postmasters = [process for process in running if process.pid == _noted_pid(cluster)]
    for postmaster in postmasters:
        _signal(postmaster, signal.SIGINT)
    patience = _SHUTDOWN_SECONDS if postmasters else _CHILDREN_SECONDS
    _, hanging = psutil.wait_procs(running, timeout=patience)
    for process in hanging:
        _signal(process, signal.SIGKILL)
    _, hanging = psutil.wait_procs(hanging, timeout=_CHILDREN_SECONDS)
    if hanging:
        numbers = ", ".join(str(process.pid) for process in hanging)
        message = f"processes of an earlier server on {cluster} do not end: {numbers}"
        raise EngineUnavailable(message)
    (cluster / "postmaster.pid").unlink(missing_ok=True)


def _processes(cluster: Path) -> list[psutil.Process]:
    found = []
    for process in psutil.process_iter():
        try:
            if process.name() == _PROGRAM and Path(process.cwd()) == cluster:
                found.append(process)
        except (psutil.NoSuchProcess, psutil.AccessDenied):
            continue  # gone, or of a user who cannot be running our server
    return found


def _noted_pid(cluster: Path) -> int | None:
    try:
        return int((cluster / "postmaster.pid").read_text().split("\n", 1)[0])
    except (FileNotFoundError, ValueError):
        return None


def _signal(process: psutil.Process, number: signal.Signals) -> None:
    try:
        process.send_signal(number)
    except psutil.NoSuchProcess:
        return

"""
Children of a supervisor that was killed: they end by themselves, and are waited for.

Every child inherits a descriptor with a shared lock on one file; the kernel drops the lock when the
last of them is gone. A new supervisor takes the lock for itself before it starts anything, so two
owners never meet on one log. The file lists the children's process numbers, for the message.
"""

import fcntl
import os
import time
from contextlib import suppress
from pathlib import Path

from tallystick.kernel import EngineUnavailable

PATIENCE_SECONDS = 45
POLL_SECONDS = 0.1
FILE_NAME = "children"


def await_leftovers(run: Path, *, patience_seconds: float = PATIENCE_SECONDS) -> None:
    """
    Wait until no child of an earlier supervisor runs on the directory.

    Raises:
        EngineUnavailable: one does not end; the message names it.
    """
    descriptor = os.open(run / FILE_NAME, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)
    deadline = time.monotonic() + patience_seconds
    try:
        while not _taken(descriptor):
            if time.monotonic() > deadline:
                pids = ", ".join(os.pread(descriptor, 4096, 0).decode(errors="replace").split())
                msg = f"processes of an earlier run do not end; end them yourself: kill -9 {pids}"
                raise EngineUnavailable(msg)
            time.sleep(POLL_SECONDS)
        os.ftruncate(descriptor, 0)
    finally:
        os.close(descriptor)


def shared_lock(run: Path) -> int:
    """Return a descriptor that holds a child's share of the lock; close it after the start."""
    descriptor = os.open(run / FILE_NAME, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)
    fcntl.flock(descriptor, fcntl.LOCK_SH)
    return descriptor


def list_child(run: Path, pid: int) -> None:
    """Note a child's number for the message; a full device is no reason not to have the child."""
    with suppress(OSError), (run / FILE_NAME).open("a") as file:
        file.write(f"{pid}\n")


def _taken(descriptor: int) -> bool:
    try:
        fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        return False
    return True

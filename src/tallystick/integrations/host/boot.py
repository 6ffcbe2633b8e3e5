"""
Which boot this is, and how long ago it was.

Linux gives every boot an id of its own. Elsewhere the id is made of the host's name and the second
at which it was booted, as the system tells it. Time since boot is read from the clock that goes on
while the machine sleeps.
"""

import socket
import time
from dataclasses import dataclass
from pathlib import Path

import psutil

from tallystick.kernel import derived_id

BOOT_ID = Path("/proc/sys/kernel/random/boot_id")
NANOSECONDS_PER_MILLISECOND = 1_000_000


def boot_id(path: Path = BOOT_ID) -> str:
    """Return the id of this boot."""
    try:
        text = path.read_text(encoding="ascii").strip()
    except OSError:
        text = ""
    return text or derived_id("boot", socket.gethostname(), str(int(psutil.boot_time())))


@dataclass(slots=True)
class BootClock:
    """Milliseconds since boot, never the same value twice."""

    last: int = -1

    def sample(self) -> int:
        self.last = max(milliseconds_since_boot(), self.last + 1)
        return self.last


def milliseconds_since_boot() -> int:
    """Return the time since boot, sleep included where the system counts it."""
    return _nanoseconds() // NANOSECONDS_PER_MILLISECOND


def _nanoseconds() -> int:
    if hasattr(time, "CLOCK_BOOTTIME"):
        return time.clock_gettime_ns(time.CLOCK_BOOTTIME)
    return time.monotonic_ns()

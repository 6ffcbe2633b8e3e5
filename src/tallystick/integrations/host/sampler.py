"""Reads this computer through psutil; the only place that asks the system."""

import contextlib
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import datetime
from decimal import Decimal
from pathlib import Path

import msgspec
import psutil

from tallystick.integrations.host.boot import BootClock, boot_id
from tallystick.integrations.host.reading import Reading
from tallystick.integrations.host.traffic import Traffic, carried_traffic, metered_interfaces

IDLE_FIELDS = frozenset({"idle", "iowait"})
# The kernel counts guest time within user and nice time too.
COUNTED_TWICE = frozenset({"guest", "guest_nice"})


@dataclass(slots=True, kw_only=True)
class HostSampler:
    """
    Takes readings of this computer.

    Attributes:
        state: file in which network totals outlive a restart of the collector.
        disk_path: a path on the file system to be metered.
        now: the clock, aware UTC.
    """

    state: Path
    disk_path: str
    now: Callable[[], datetime]
    clock: BootClock = field(default_factory=BootClock)
    traffic: Traffic | None = None

    def __post_init__(self) -> None:
        with contextlib.suppress(OSError, msgspec.DecodeError):
            self.traffic = msgspec.json.decode(self.state.read_bytes(), type=Traffic)

    def reading(self) -> Reading:
        """Return what is there now."""
        boot = boot_id()
        memory = psutil.virtual_memory()
        self.traffic = carried_traffic(self.traffic, _interfaces(), boot_id=boot)
        self._keep(self.traffic)
        return Reading(
            boot_id=boot,
            sample=self.clock.sample(),
            taken_at=self.now(),
            cpu_seconds=busy_seconds(),
            memory_used_bytes=memory.total - memory.available,
            disk_used_bytes=psutil.disk_usage(self.disk_path).used,
            disk_path=self.disk_path,
            bytes_sent=self.traffic.sent,
            bytes_received=self.traffic.received,
        )

    def _keep(self, traffic: Traffic) -> None:
        fresh = self.state.with_suffix(".new")
        fresh.write_bytes(msgspec.json.encode(traffic))
        fresh.replace(self.state)


def busy_seconds() -> Decimal:
    """
    Return the seconds that all cores together were not idle since boot.

    The system counts in ticks of a hundredth of a second; psutil divides them, and the shortest
    text of such a quotient is the exact number of ticks again.
    """
    times = psutil.cpu_times()._asdict()
    busy = (
        Decimal(repr(seconds))
        for name, seconds in times.items()
        if name not in IDLE_FIELDS and name not in COUNTED_TWICE
    )
    return sum(busy, Decimal(0))


def _interfaces() -> dict[str, tuple[int, int]]:
    counters = psutil.net_io_counters(pernic=True, nowrap=False)
    plain = {name: (each.bytes_sent, each.bytes_recv) for name, each in counters.items()}
    return dict(metered_interfaces(plain))

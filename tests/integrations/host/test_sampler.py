"""The sampler against what the kernel itself says."""

import os
import time
from datetime import UTC, datetime
from decimal import Decimal
from pathlib import Path

import pytest

from tallystick.integrations.host import HostSampler, boot_id
from tallystick.integrations.host.sampler import busy_seconds

PROC_STAT = Path("/proc/stat")
needs_proc = pytest.mark.skipif(not PROC_STAT.exists(), reason="needs /proc")


def _now() -> datetime:
    return datetime.now(UTC)


def _kernel_busy_seconds() -> Decimal:
    """Read the first line of /proc/stat by hand: user nice system idle iowait irq softirq steal."""
    fields = [
        int(text) for text in PROC_STAT.read_text(encoding="ascii").split("\n")[0].split()[1:9]
    ]
    user, nice, system, _idle, _iowait, irq, softirq, steal = fields
    ticks = user + nice + system + irq + softirq + steal
    return Decimal(ticks) / Decimal(os.sysconf("SC_CLK_TCK"))


def _burn(seconds: float) -> None:
    until = time.process_time() + seconds
    while time.process_time() < until:
        pass


@needs_proc
def test_cpu_is_what_the_kernel_counts() -> None:
    """Busy seconds lie between two looks at /proc/stat just before and just after, exactly."""
    before = _kernel_busy_seconds()
    seen = busy_seconds()
    assert before <= seen <= _kernel_busy_seconds()
    assert seen == seen.quantize(Decimal("0.01"))


@needs_proc
def test_work_shows(tmp_path: Path) -> None:
    """Half a second of work on one core raises the counter by at least that, less two ticks."""
    sampler = HostSampler(state=tmp_path / "traffic.json", disk_path="/", now=_now)
    first = sampler.reading()
    _burn(0.5)
    second = sampler.reading()
    assert second.cpu_seconds - first.cpu_seconds >= Decimal("0.48")
    assert second.sample > first.sample
    assert first.boot_id == second.boot_id == boot_id()


@needs_proc
def test_memory_and_disk_are_within_a_few_percent_of_the_system(tmp_path: Path) -> None:
    """Used memory is total less available; used disk is what statvfs says."""
    reading = HostSampler(state=tmp_path / "t.json", disk_path="/", now=_now).reading()
    lines = Path("/proc/meminfo").read_text(encoding="ascii").splitlines()
    kibibytes = {line.split(":")[0]: int(line.split()[1]) for line in lines}
    used = (kibibytes["MemTotal"] - kibibytes["MemAvailable"]) * 1024
    assert abs(reading.memory_used_bytes - used) < used // 10
    disk = os.statvfs("/")
    disk_used = (disk.f_blocks - disk.f_bfree) * disk.f_frsize
    assert abs(reading.disk_used_bytes - disk_used) < disk_used // 20


def test_network_totals_survive_a_restart(tmp_path: Path) -> None:
    """Another sampler on the same state goes on with the totals, also after a damaged file."""
    state = tmp_path / "traffic.json"
    first = HostSampler(state=state, disk_path="/", now=_now).reading()
    again = HostSampler(state=state, disk_path="/", now=_now).reading()
    assert again.bytes_received >= first.bytes_received
    state.write_bytes(b'{"boot_id": ')
    assert HostSampler(state=state, disk_path="/", now=_now).reading().bytes_received >= 0


def test_boot_id_without_proc(tmp_path: Path) -> None:
    """Where the kernel gives no id, one is made that is the same twice in one boot."""
    nowhere = tmp_path / "boot_id"
    assert boot_id(nowhere) == boot_id(nowhere)
    assert boot_id(nowhere).startswith("boot_")


@needs_proc
@pytest.mark.nightly
def test_ten_minutes_agree_with_proc_within_one_percent(tmp_path: Path) -> None:
    """Over ten minutes of one reading a second the increase is what /proc says, within 1 %."""
    sampler = HostSampler(state=tmp_path / "traffic.json", disk_path="/", now=_now)
    kernel_first = _kernel_busy_seconds()
    first = last = sampler.reading()
    for _ in range(600):
        time.sleep(1)
        last = sampler.reading()
    kernel = _kernel_busy_seconds() - kernel_first
    assert abs((last.cpu_seconds - first.cpu_seconds) - kernel) <= kernel / 100

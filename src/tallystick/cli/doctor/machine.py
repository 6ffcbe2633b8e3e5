"""Checks of the computer: clock, memory, disk, open files, port."""

import resource
import shutil
import time
from collections.abc import Iterator
from datetime import UTC, datetime
from importlib import metadata
from pathlib import Path

from tallystick.bootstrap import DataDirectory, Settings, memory_bytes
from tallystick.cli.doctor.finding import Finding, fail, ok, warn
from tallystick.cli.supervisor import require_free_port
from tallystick.client import Endpoint
from tallystick.kernel import EngineUnavailable

MIB, GIB = 2**20, 2**30
DISK_FAIL, DISK_WARN = GIB // 2, 5 * GIB
MEMORY_MIN = GIB
FILES_MIN = 1024
RELEASED = datetime(2026, 1, 1, tzinfo=UTC)


def check_clock() -> Iterator[Finding]:
    """The clock is not behind this program, and time runs forward."""
    now = datetime.now(UTC)
    zones = metadata.version("tzdata")
    first = time.monotonic_ns()
    if now < RELEASED:
        found = f"{now:%Y-%m-%d %H:%M:%S} UTC, before this program was made"
        yield fail("clock", found, "set the clock, best with a time service (NTP)")
    elif time.monotonic_ns() < first:
        yield fail("clock", "monotonic time runs backward", "move to another machine or kernel")
    else:
        yield ok("clock", f"{now:%Y-%m-%d %H:%M:%S} UTC, zone rules {zones}")


def check_memory(settings: Settings) -> Iterator[Finding]:
    """There is enough memory, and ClickHouse leaves some of it to the others."""
    memory, engine = memory_bytes(), settings.engine_memory_bytes
    found = f"{memory // MIB:,} MiB, of which ClickHouse may use {engine // MIB:,}"
    if memory < MEMORY_MIN:
        yield fail("memory", found, "give the machine or its control group 1 GiB at least")
    elif engine > memory * 3 // 4:
        yield warn("memory", found, "lower TALLYSTICK_ENGINE_MEMORY_MIB to half of the memory")
    else:
        yield ok("memory", found)


def check_disk(directory: DataDirectory) -> Iterator[Finding]:
    """The disk that holds the data has room."""
    free = shutil.disk_usage(_existing(directory.root)).free
    found = f"{free / GIB:,.1f} GiB free at {directory.root}"
    if free < DISK_FAIL:
        yield fail("disk", found, "make room: events are refused when the disk is full")
    elif free < DISK_WARN:
        yield warn("disk", found, "make room soon, or move TALLYSTICK_DATA to a larger disk")
    else:
        yield ok("disk", found)


def check_open_files() -> Iterator[Finding]:
    """ClickHouse and many connections need descriptors."""
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    if soft < FILES_MIN:
        yield warn(
            "open files", f"{soft} at once", f"raise the limit: ulimit -n {min(hard, 65536)}"
        )
    else:
        yield ok("open files", f"{soft:,} at once")


def check_port(settings: Settings, directory: DataDirectory) -> Iterator[Finding]:
    """The address to serve on is free, or it is ours already."""
    where = f"{settings.host}:{settings.port}"
    try:
        require_free_port(settings.host, settings.port)
    except EngineUnavailable as error:
        if _runs(directory):
            yield ok("port", f"{where}, in use while a server runs here")
        else:
            yield fail("port", f"{where} is not free", str(error))
    else:
        yield ok("port", f"{where} is free")


def _runs(directory: DataDirectory) -> bool:
    try:
        Endpoint.local(directory.run)
    except EngineUnavailable:
        return False
    return True


def _existing(path: Path) -> Path:
    while not path.exists():
        path = path.parent
    return path

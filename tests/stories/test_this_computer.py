"""This computer, metered through the whole product, against what the kernel says of it."""

from __future__ import annotations

import json
import os
import time
from dataclasses import dataclass
from datetime import UTC, datetime
from decimal import Decimal
from itertools import pairwise
from pathlib import Path

import pytest

from tests import plain_http
from tests.stories.up import Up, reachable_folder
from tests.waiting import wait_until

STAT = Path("/proc/stat")
MEMINFO = Path("/proc/meminfo")
PERCENT = Decimal("0.01")
READING_SECONDS = 0.25
TEN_MINUTES, HOUR = 600, 3600

pytestmark = [
    pytest.mark.nightly,
    pytest.mark.skipif(not STAT.exists(), reason="needs /proc, which Linux has"),
]


@dataclass(slots=True)
class Kernel:
    """Busy seconds of all cores at two instants, and byte-seconds of memory in between."""

    started_at: datetime
    ended_at: datetime
    busy_seconds: Decimal
    memory_byte_seconds: Decimal


def busy_seconds() -> Decimal:
    """Return user, nice, system, irq, softirq and steal since boot, in seconds, of all cores."""
    fields = STAT.read_text().split("\n", 1)[0].split()[1:9]
    ticks = sum(int(fields[index]) for index in (0, 1, 2, 5, 6, 7))
    return Decimal(ticks) / os.sysconf("SC_CLK_TCK")


def used_bytes() -> int:
    """Return total less available memory."""
    lines = (line.split() for line in MEMINFO.read_text().splitlines())
    kibibytes = {name.rstrip(":"): int(amount) for name, amount, *_ in lines}
    return (kibibytes["MemTotal"] - kibibytes["MemAvailable"]) * 1024


def watch(seconds: int) -> Kernel:
    """Read the kernel's figures four times a second for so long."""
    started_at, first, began = datetime.now(UTC), busy_seconds(), time.monotonic()
    readings = [(began, used_bytes())]

    def is_over() -> bool:
        now = time.monotonic()
        if now >= readings[-1][0] + READING_SECONDS:
            readings.append((now, used_bytes()))
        return now >= began + seconds

    wait_until(is_over, seconds_max=seconds + 60, waiting_for="the time to pass")
    pairs = pairwise(readings)
    return Kernel(
        started_at=started_at,
        ended_at=datetime.now(UTC),
        busy_seconds=busy_seconds() - first,
        memory_byte_seconds=sum(
            (used * Decimal(str(until - since)) for (since, used), (until, _) in pairs), Decimal(0)
        ),
    )


def position(up: Up) -> int:
    """Return the position of the last event that can be asked for."""
    return int(plain_http.get(f"{up.url}/readyz").json()["projection_position"])


def metered(up: Up, meter: str, kernel: Kernel) -> Decimal:
    """Return what the product has for the same stretch of time."""
    token = json.loads(up.data.token.read_bytes())["token"]
    answer = plain_http.get(
        f"{up.url}/v1/usage",
        params={
            "meter": meter,
            "account": "this-computer",
            "start": kernel.started_at.isoformat(),
            "end": kernel.ended_at.isoformat(),
            "window": "total",
        },
        headers={"authorization": f"Bearer {token}"},
        timeout=60,
    )
    assert answer.is_success, answer.text
    return sum((Decimal(item["quantity"]) for item in answer.json()["items"]), Decimal(0))


@pytest.mark.parametrize("seconds", [TEN_MINUTES, HOUR], ids=["ten-minutes", "hour"])
def test_it_is_metered_within_one_percent(seconds: int) -> None:
    """Busy seconds and memory as billed are those of the kernel, within 1 %."""
    up = Up(reachable_folder(), "--sample", "--collect")
    try:
        up.await_ready()
        wait_until(lambda: position(up) >= 40, seconds_max=60, waiting_for="the first readings")
        kernel = watch(seconds)
        last = position(up) + 12
        wait_until(lambda: position(up) >= last, seconds_max=60, waiting_for="the last reading")
        for meter, expected in (
            ("cpu_seconds", kernel.busy_seconds),
            ("memory_bytes", kernel.memory_byte_seconds),
        ):
            found = metered(up, meter, kernel)
            print(f"{meter}: metered {found}, kernel {expected}")  # noqa: T201 - kept with the run
            assert abs(found - expected) <= expected * PERCENT, (meter, found, expected)
    finally:
        up.stop()

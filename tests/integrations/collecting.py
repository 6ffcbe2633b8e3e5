"""Collectors as processes of their own, and what the server counted of what they sent."""

import os
import signal
import subprocess
import sys
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import msgspec

from tests.serving import Tenant
from tests.waiting import wait_until

STOP_SECONDS_MAX = 30
COUNT_SECONDS_MAX = 60
STEPS_SECONDS_MAX = 120
STRETCH_SECONDS = 0.05
METERS = [
    {"key": "rows", "event_type": "row", "aggregation": "count", "unit": "request"},
    {
        "key": "sum",
        "event_type": "row",
        "aggregation": "sum",
        "value": "amount",
        "unit": "request",
    },
]
ASKED = {"start": "2026-01-01T00:00:00Z", "end": "2026-02-01T00:00:00Z", "window": "total"}
DAY = "2026-01-15T00:00:00Z"


def event(number: int, **changed: object) -> dict[str, object]:
    """Return an event of type `row`, whose amount is its number."""
    return {
        "specversion": "1.0",
        "id": f"r{number}",
        "source": "rows",
        "type": "row",
        "subject": "acme",
        "time": DAY,
        "data": {"amount": number},
        **changed,
    }


def event_line(number: int) -> bytes:
    """Return an event as one line of JSON."""
    return msgspec.json.encode(event(number)) + b"\n"


@dataclass(frozen=True, slots=True, kw_only=True)
class Ledger:
    """A workspace with one account, meters of rows, and sources."""

    tenant: Tenant

    def declare(self, **document: object) -> None:
        """Declare a source."""
        answer = self.tenant.ask("POST", "/v1/sources", json=document)
        assert answer.is_success, answer.text

    def source(self, key: str) -> dict[str, Any]:
        """Return how a source stands."""
        shown: dict[str, Any] = self.tenant.ask("GET", f"/v1/sources/{key}").json()
        return shown

    def offsets(self, key: str) -> dict[str, int]:
        """Return the next offset of each partition of a source."""
        return {each["partition"]: each["next_offset"] for each in self.source(key)["partitions"]}

    def counted(self) -> tuple[int, int]:
        """Return how many rows count, and the sum of their amounts."""
        return self._usage("rows"), self._usage("sum")

    def await_rows(self, count: int) -> None:
        """Wait until so many rows count; more are a failure at once."""

        def is_there() -> bool:
            rows = self._usage("rows")
            assert rows <= count, f"{rows} rows, {count} expected"
            return rows == count

        wait_until(is_there, seconds_max=COUNT_SECONDS_MAX, waiting_for=f"{count} rows")

    def dead_letters(self) -> list[dict[str, Any]]:
        """Return the dead letters, oldest first."""
        found: list[dict[str, Any]] = self.tenant.ask("GET", "/v1/dead-letters").json()["items"]
        return found[::-1]

    def _usage(self, meter: str) -> int:
        answer = self.tenant.ask("GET", "/v1/usage", params={"meter": meter, **ASKED})
        assert answer.is_success, answer.text
        return sum(int(item["quantity"]) for item in answer.json()["items"])


def ledger(tenant: Tenant) -> Ledger:
    """Return a workspace ready to count rows."""
    account = {"key": "acme", "name": "Acme", "zone": "UTC", "currency": "EUR", "invoiced": True}
    tenant.apply({"meters": METERS, "accounts": [account]})
    return Ledger(tenant=tenant)


@contextmanager
def collector(
    tenant: Tenant, folder: Path, *sources: str, **environment: str
) -> Iterator["subprocess.Popen[bytes]"]:
    """Run `tallystick collect` with a key that may only ingest, until the test is done with it."""
    process = start_collector(tenant, folder, *sources, **environment)
    try:
        yield process
    finally:
        process.terminate()
        code = process.wait(STOP_SECONDS_MAX)
        assert code in {0, -9}, (folder / "collector.log").read_text()


def start_collector(
    tenant: Tenant, folder: Path, *sources: str, **environment: str
) -> "subprocess.Popen[bytes]":
    """Start `tallystick collect`, which the caller ends."""
    _, key = tenant.make_key("ingest")
    command = [sys.executable, "-m", "tallystick", "collect", *sources, "--url", tenant.url]
    own = {"TALLYSTICK_KEY": key, "TALLYSTICK_DATA": str(folder / "data")}
    with (folder / "collector.log").open("ab") as said:
        return subprocess.Popen(
            command, env=_clean(os.environ) | own | environment, stdout=said, stderr=said
        )


def kill_as_soon_as(
    process: "subprocess.Popen[bytes]", condition: Callable[[], bool], *, waiting_for: str
) -> None:
    """
    Let a collector run in short stretches until something holds, then kill it.

    One looks while it stands still: however slow the machine, it gets no further meanwhile.
    """

    def holds() -> bool:
        with suppress(subprocess.TimeoutExpired):
            process.wait(STRETCH_SECONDS)
        process.send_signal(signal.SIGSTOP)
        if condition():
            return True
        process.send_signal(signal.SIGCONT)
        return False

    try:
        wait_until(holds, seconds_max=STEPS_SECONDS_MAX, waiting_for=waiting_for)
    finally:
        process.kill()
        process.wait()


def _clean(environment: Mapping[str, str]) -> dict[str, str]:
    return {
        name: value for name, value in environment.items() if not name.startswith("TALLYSTICK_")
    }

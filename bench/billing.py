"""
A billing run: subscriptions with five prices each, drafted, issued and posted, one document each.

Every subscription has a fee in arrears and four meters over its own events of January; the run
goes through February 1. Each size of the curve is a workspace of its own. The result is checked
before a figure is printed: the number of documents, what is owed in the books, and that a second
run issues nothing.
"""

import time
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from decimal import Decimal
from typing import Any

import httpx
import msgspec

from bench.installation import Installation
from bench.rows import Row
from bench.stored import Say

SUBSCRIPTIONS = 2_000
EIGHTHS = (1, 2, 4, 8)
EVENTS = 5
CHUNK = 2_000
RUN_SECONDS_MAX = 3_600.0
THROUGH = "2026-02-01T00:00:00Z"
MEBIBYTE = 1024 * 1024
FEE, CALL = Decimal("9.90"), Decimal("0.10")
METERS = [
    {"key": "calls", "event_type": "use", "aggregation": "count", "unit": "request"},
    {"key": "bytes", "event_type": "use", "aggregation": "sum", "value": "bytes", "unit": "B"},
    {"key": "cpu", "event_type": "use", "aggregation": "sum", "value": "cpu", "unit": "second"},
    {"key": "peak", "event_type": "use", "aggregation": "max", "value": "peak", "unit": "B"},
]
PLAN: Mapping[str, Any] = {
    "key": "plan",
    "version": 1,
    "name": "Plan",
    "currency": "EUR",
    "interval": "month",
    "alignment": "calendar",
    "prices": [
        {"key": "base", "model": "flat", "amount": str(FEE), "cadence": "arrears"},
        {
            "key": "calls",
            "model": "unit",
            "meter": "calls",
            "unit": "request",
            "unit_price": "0.10",
        },
        {
            "key": "traffic",
            "model": "graduated",
            "meter": "bytes",
            "unit": "GB",
            "tiers": [{"up_to": "1", "unit_price": "0"}, {"unit_price": "0.05"}],
        },
        {
            "key": "cpu",
            "model": "package",
            "meter": "cpu",
            "unit": "hour",
            "package_size": "10",
            "package_price": "0",
        },
        {"key": "peak", "model": "unit", "meter": "peak", "unit": "GB", "unit_price": "0"},
    ],
}
ENTITY = {"key": "main", "name": "Main", "zone": "UTC", "currency": "EUR", "series_prefix": "INV"}


@dataclass(frozen=True, slots=True, kw_only=True)
class _Place:
    """A workspace with so many subscriptions."""

    server: Installation
    client: httpx.Client
    subscriptions: int

    def fill(self) -> None:
        """Declare them, and send their usage."""
        self.post("/v1/catalog/apply", {"documents": _shared()})
        last = 0
        for first in range(0, self.subscriptions, CHUNK):
            numbers = range(first, min(first + CHUNK, self.subscriptions))
            self.post("/v1/catalog/apply", {"documents": _contracts(numbers)})
            for event in range(EVENTS):
                body = msgspec.json.encode([_event(number, event) for number in numbers])
                headers = {"content-type": "application/cloudevents-batch+json"}
                taken = self.client.post("/v1/events", content=body, headers=headers).json()
                assert taken["accepted"] == len(numbers), taken
                last = taken["last_position"]
        while self.client.get("/readyz").json()["projection_position"] < last:
            time.sleep(0.1)

    def post(self, path: str, body: object) -> dict[str, Any]:
        """Send a command, which must be taken."""
        answer = self.client.post(path, json=body)
        assert answer.is_success, answer.text[:500]
        said: dict[str, Any] = answer.json()
        return said

    def run(self) -> dict[str, Any]:
        """Bill all that is due."""
        report = self.post("/v1/invoices/run", {"through": THROUGH})
        assert report["parked"] == [], report["parked"][:3]
        return report

    def check(self) -> None:
        """Compare the books with what every subscription owes, and run again."""
        owed = self.subscriptions * (FEE + EVENTS * CALL)
        told = self.client.get("/v1/journal/trial-balance").json()
        assert [each["debit"] for each in told["totals"]] == [f"{owed:.2f}"], told["totals"]
        assert self.run()["issued"] == []


def measure_billing(server: Installation, *, scale: int, say: Say) -> Iterator[Row]:
    """Yield a row for an eighth, a quarter, a half and all of the subscriptions."""
    for eighths in EIGHTHS:
        count = SUBSCRIPTIONS * scale * eighths // EIGHTHS[-1]
        with _workspace(server, f"bench-{count}") as client:
            place = _Place(server=server, client=client, subscriptions=count)
            say(f"filling a workspace with {count:,} subscriptions")
            place.fill()
            say(f"billing {count:,} subscriptions")
            yield _measured(place)


def _measured(place: _Place) -> Row:
    server = place.server
    before, memory = server.cpu_seconds(), server.process.memory_info().rss
    began = time.perf_counter()
    report = place.run()
    seconds = time.perf_counter() - began
    cpu = server.cpu_seconds() - before
    grown = server.process.memory_info().rss - memory
    assert len(report["issued"]) == place.subscriptions, len(report["issued"])
    began = time.perf_counter()
    place.check()
    again = time.perf_counter() - began
    return Row(
        work=f"billing run, {place.subscriptions:,} subscriptions, five prices each",
        figure=f"{place.subscriptions / seconds:,.1f} invoices/s",
        rival="",
        ratio="",
        note=f"{seconds:.1f} s, owner {cpu:.1f} CPU s and {grown / MEBIBYTE:+,.0f} MiB; "
        f"a second run finds nothing in {again:.1f} s",
    )


def _workspace(server: Installation, name: str) -> httpx.Client:
    """Create a workspace and return a client in it, as the operator."""
    order = {"id": name, "name": name, "kind": "live"}
    made = httpx.post(f"{server.url}/v1/workspaces", json=order, headers=server.headers)
    assert made.is_success, made.text
    there = replace(server, token=server.token.replace("ts_live_", f"ts_{name}_"))
    return httpx.Client(base_url=server.url, headers=there.headers, timeout=RUN_SECONDS_MAX)


def _shared() -> dict[str, object]:
    return {"legal_entities": [ENTITY], "meters": METERS, "plans": [PLAN]}


def _contracts(numbers: range) -> dict[str, object]:
    return {
        "accounts": [
            {
                "key": f"a{number}",
                "name": f"Account {number}",
                "zone": "UTC",
                "currency": "EUR",
                "invoiced": True,
            }
            for number in numbers
        ],
        "resources": [{"key": f"r{number}", "account": f"a{number}"} for number in numbers],
        "subscriptions": [
            {
                "key": f"s{number}",
                "account": f"a{number}",
                "plan": "plan",
                "version": 1,
                "legal_entity": "main",
                "start": "2026-01-01",
            }
            for number in numbers
        ],
    }


def _event(number: int, event: int) -> dict[str, object]:
    return {
        "specversion": "1.0",
        "source": "bench",
        "id": f"{number}-{event}",
        "type": "use",
        "subject": f"r{number}",
        "time": f"2026-01-{2 + event * 5:02}T12:00:00Z",
        "data": {"bytes": 1_000_000, "cpu": 60, "peak": 1_000 + event},
    }

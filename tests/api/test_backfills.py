"""Backfills over HTTP and from the command line: open, fill, preview, close, revert."""

from collections.abc import Mapping
from contextlib import redirect_stdout
from io import StringIO
from pathlib import Path
from typing import Any

import msgspec
from httpx import Response

from tallystick.cli import main
from tests.serving import Tenant, event_document

CATALOG: dict[str, Any] = {
    "meters": [
        {
            "key": "bytes",
            "event_type": "call",
            "aggregation": "sum",
            "value": "bytes",
            "unit": "byte",
        },
        {"key": "vms", "event_type": "vm", "aggregation": "time_weighted", "unit": "vm"},
    ],
    "accounts": [
        {
            "key": "acme",
            "name": "Acme",
            "zone": "Europe/Berlin",
            "currency": "EUR",
            "invoiced": True,
        }
    ],
}
REASON = {"reason": "the gateway kept no log"}


def _event(event_id: str, number: int, at: str) -> dict[str, object]:
    given = {"id": event_id, "subject": "acme", "time": at, "data": {"bytes": number}}
    return event_document(given)


def _usage(tenant: Tenant, **query: object) -> str:
    span = {"start": "2026-01-01T00:00:00Z", "end": "2026-05-01T00:00:00Z", "account": "acme"}
    answer = tenant.ask("GET", "/v1/usage", params={"meter": "bytes", **span, **query})
    assert answer.status_code == 200, answer.text
    quantity: str = answer.json()["items"][0]["quantity"]
    return quantity


def _fill(tenant: Tenant, name: str, *events: Mapping[str, object]) -> Response:
    return tenant.ask(
        "POST",
        "/v1/events",
        params={"backfill": name},
        content=msgspec.json.encode(events),
        headers={"content-type": "application/cloudevents-batch+json"},
    )


def test_a_set_counts_from_close_to_revert(tenant: Tenant) -> None:
    """While it is open nothing counts; the preview says what closing changes; revert takes back."""
    tenant.apply(CATALOG)
    first = tenant.send(_event("a", 5, "2026-03-05T00:00:00Z"))
    opened = tenant.ask("POST", "/v1/backfills", json={"name": "march", **REASON})
    assert (opened.status_code, opened.json()["state"]) == (200, "open"), opened.text
    # In Berlin the last hour of February (UTC) is March.
    filled = _fill(
        tenant,
        "march",
        _event("b", 7, "2026-02-28T23:30:00Z"),
        _event("c", 9, "2026-02-01T00:00:00Z"),
        _event("a", 5, "2026-03-05T00:00:00Z"),
    ).json()
    assert (filled["accepted"], filled["duplicate"]) == (2, 1)
    assert _usage(tenant, position=filled["last_position"]) == "5"
    told = tenant.ask("GET", "/v1/backfills/march/preview").json()
    assert told["backfill"]["events"] == 2
    assert [(one["start"], one["before"], one["after"]) for one in told["changes"]] == [
        ("2026-01-31T23:00:00Z", "0", "9"),
        ("2026-02-28T23:00:00Z", "5", "12"),
    ]
    assert _usage(tenant) == "5"
    closed = tenant.ask("POST", "/v1/backfills/march/close", json=REASON).json()
    assert (closed["state"], _usage(tenant)) == ("closed", "21")
    back = tenant.ask("GET", "/v1/backfills/march/preview").json()["changes"]
    assert [(one["before"], one["after"]) for one in back] == [("9", "0"), ("12", "5")]
    assert _fill(tenant, "march", _event("d", 1, "2026-03-06T00:00:00Z")).status_code == 409
    reverted = tenant.ask("POST", "/v1/backfills/march/revert", json=REASON).json()
    assert (reverted["state"], _usage(tenant)) == ("reverted", "5")
    assert _usage(tenant, as_of=first["last_position"]) == "5"


def test_each_step_once(tenant: Tenant) -> None:
    """A step sent twice changes nothing more; what was decided is not decided anew."""
    tenant.apply(CATALOG)
    steps = [
        ("/v1/backfills", {"name": "x", **REASON}, 200),
        ("/v1/backfills", {"name": "x", **REASON}, 200),
        ("/v1/backfills/x/close", REASON, 200),
        ("/v1/backfills/x/close", REASON, 200),
        ("/v1/backfills", {"name": "x", **REASON}, 409),
        ("/v1/backfills/x/revert", REASON, 200),
        ("/v1/backfills/x/close", REASON, 409),
        ("/v1/backfills/nobody/close", REASON, 404),
        ("/v1/backfills", {"name": "a/b", **REASON}, 422),
        ("/v1/backfills", {"name": "y", "reason": ""}, 422),
    ]
    for path, body, status in steps:
        answer = tenant.ask("POST", path, json=body)
        assert answer.status_code == status, (path, answer.text)
    assert _fill(tenant, "nobody", _event("d", 1, "2026-03-06T00:00:00Z")).status_code == 404
    (listed,) = tenant.ask("GET", "/v1/backfills").json()["items"]
    assert (listed["name"], listed["state"]) == ("x", "reverted")


def test_a_level_changes_up_to_the_next_value(tenant: Tenant) -> None:
    """A value of January that waits in a set would change each month up to the next, in March."""
    tenant.apply(CATALOG)
    level = {"type": "vm", "source": "t", "specversion": "1.0", "subject": "acme"}
    tenant.send(level | {"id": "next", "time": "2026-03-10T00:00:00Z"})
    tenant.ask("POST", "/v1/backfills", json={"name": "vms", **REASON})
    held = level | {"id": "old", "time": "2026-01-31T22:00:00Z"}
    _fill(tenant, "vms", held)
    changes = tenant.ask("GET", "/v1/backfills/vms/preview").json()["changes"]
    assert [(one["meter"], one["before"], one["after"]) for one in changes] == [
        ("vms", "0", "3600"),
        ("vms", "0", str(28 * 86_400)),
        ("vms", "1893600", str(1893600 + 9 * 86_400 + 3_600)),
    ]


def _run(tenant: Tenant, *arguments: str | Path) -> tuple[int, Any]:
    where = ("--url", tenant.url, "--key", tenant.token, "--json")
    with redirect_stdout(StringIO()) as out:
        code = main([str(each) for each in (*arguments, *where)])
    return code, msgspec.json.decode(out.getvalue())


def test_the_command_line_fills_and_closes(tenant: Tenant, tmp_path: Path) -> None:
    """Open, import, look, close: each command answers as JSON."""
    tenant.apply(CATALOG)
    file = tmp_path / "march.ndjson"
    file.write_bytes(msgspec.json.encode(_event("a", 5, "2026-03-05T00:00:00Z")) + b"\n")
    why = ("--reason", "no log")
    assert _run(tenant, "backfill", "open", "march", *why)[1]["state"] == "open"
    assert _run(tenant, "backfill", "import", "march", file)[1]["accepted"] == 1
    code, told = _run(tenant, "backfill", "close", "march", *why, "--dry-run")
    assert (code, [one["after"] for one in told["changes"]]) == (0, ["5"])
    assert _run(tenant, "backfill", "close", "march", *why)[1]["state"] == "closed"
    assert _usage(tenant) == "5"
    assert _run(tenant, "backfill", "revert", "march", *why)[1]["state"] == "reverted"
    assert [one["name"] for one in _run(tenant, "backfill", "list")[1]] == ["march"]

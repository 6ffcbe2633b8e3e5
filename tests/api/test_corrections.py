"""Voiding and amending events over HTTP, and from the command line."""

from contextlib import redirect_stdout
from io import StringIO
from pathlib import Path
from typing import Any

import msgspec

from tallystick.cli import main
from tests.serving import Tenant

METERS: dict[str, Any] = {
    "meters": [
        {
            "key": "bytes",
            "event_type": "call",
            "aggregation": "sum",
            "value": "bytes",
            "unit": "byte",
        }
    ]
}
MARCH = {"time": "2026-03-05T00:00:00Z"}


def _usage(tenant: Tenant, **query: object) -> str:
    span = {"start": "2026-03-01T00:00:00Z", "end": "2026-04-01T00:00:00Z"}
    answer = tenant.ask("GET", "/v1/usage", params={"meter": "bytes", **span, **query})
    assert answer.status_code == 200, answer.text
    quantity: str = answer.json()["items"][0]["quantity"]
    return quantity


def _event(event_id: str, number: str) -> str:
    """Return an event whose number is written as given."""
    head = msgspec.json.encode({"specversion": "1.0", "source": "test", "id": event_id, **MARCH})
    return f'{head.decode()[:-1]},"type":"call","data":{{"bytes":{number}}}}}'


def test_corrections_change_what_is_asked_from_then_on(tenant: Tenant) -> None:
    """Void and amend change the quantity; as of the position before, it is what it was."""
    tenant.apply(METERS)
    told = tenant.send(
        {"id": "a", "data": {"bytes": 5}, **MARCH}, {"id": "b", "data": {"bytes": 7}, **MARCH}
    )
    before = told["last_position"]
    assert _usage(tenant, position=before) == "12"
    answer = tenant.ask(
        "POST",
        "/v1/events/amend",
        content=f'{{"events":[{{"event":{_event("a", "0.100000000000000001")}}}],"reason":"bits"}}',
        headers={"content-type": "application/json"},
    )
    assert answer.status_code == 200, answer.text
    amended = answer.json()
    assert _usage(tenant, position=amended["last_position"]) == "7.100000000000000001"
    order = {"events": [{"source": "test", "id": "b"}], "reason": "a test"}
    voided = tenant.ask("POST", "/v1/events/void", json=order).json()
    assert _usage(tenant, position=voided["last_position"]) == "0.100000000000000001"
    assert _usage(tenant, as_of=before) == "12"
    assert _usage(tenant, as_of=amended["last_position"]) == "7.100000000000000001"
    listed = tenant.ask("GET", "/v1/corrections", params={"limit": 1}).json()
    assert [(one["kind"], one["event_id"]) for one in listed["items"]] == [("void", "b")]
    again = {"limit": 1, "cursor": listed["next_cursor"]}
    (first,) = tenant.ask("GET", "/v1/corrections", params=again).json()["items"]
    assert (first["kind"], first["reason"], first["event_id"]) == ("amend", "bits", "a")


def test_a_correction_needs_its_scope(tenant: Tenant) -> None:
    """Whoever may send events may not yet say that they were wrong."""
    _, ingest = tenant.make_key("ingest")
    _, correct = tenant.make_key("correct")
    order = {"events": [{"source": "test", "id": "b"}], "reason": "a test"}
    assert tenant.ask("POST", "/v1/events/void", token=ingest, json=order).status_code == 403
    answer = tenant.ask("POST", "/v1/events/void", token=correct, json=order)
    assert [one["code"] for one in answer.json()["results"]] == ["not_found"]


def _run(tenant: Tenant, *arguments: str | Path) -> tuple[int, Any]:
    where = ("--url", tenant.url, "--key", tenant.token, "--json")
    with redirect_stdout(StringIO()) as out:
        code = main([str(each) for each in (*arguments, *where)])
    return code, msgspec.json.decode(out.getvalue())


def test_the_command_line_amends_and_voids(tenant: Tenant, tmp_path: Path) -> None:
    """A file of mended events, the ids of events that never happened; a dry run sends nothing."""
    tenant.apply(METERS)
    tenant.send({"id": "a", "data": {"bytes": 5}, **MARCH})
    mended = tmp_path / "mended.ndjson"
    mended.write_text(_event("a", "0.5000") + "\n\n")
    said = ("--reason", "bits")
    code, shown = _run(tenant, "amend", mended, *said, "--dry-run")
    assert (code, [one["id"] for one in shown]) == (0, ["a"])
    assert _run(tenant, "amend", mended, *said)[1]["applied"] == 1
    code, told = _run(tenant, "void", "test", "a", "nobody", "--reason", "a test")
    assert (code, told["applied"], told["refused"]) == (1, 1, 1)
    assert [one["status"] for one in told["results"]] == ["applied", "rejected"]
    assert _usage(tenant, position=told["results"][0]["position"]) == "0"

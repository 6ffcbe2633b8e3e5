"""Sending events over HTTP."""

import gzip
from collections.abc import Callable, Mapping

import msgspec
import pytest
import zstandard
from httpx import Response

from tests.serving import Tenant, event_document

BATCH = "application/cloudevents-batch+json"
PACK: dict[str, Callable[[bytes], bytes]] = {"gzip": gzip.compress, "zstd": zstandard.compress}


def post(
    tenant: Tenant, body: bytes, *, kind: str = BATCH, query: str = "", **headers: str
) -> Response:
    """Send a body of events."""
    named = {name.replace("_", "-"): value for name, value in headers.items()}
    return tenant.ask(
        "POST", f"/v1/events{query}", content=body, headers={"content-type": kind} | named
    )


def batch(*events: Mapping[str, object]) -> bytes:
    """Return events as a batch."""
    return msgspec.json.encode([event_document(event) for event in events])


def test_each_event_has_its_fate(tenant: Tenant) -> None:
    """Accepted, duplicate, conflict and rejected stand side by side; 202 if anything was taken."""
    tenant.send({"id": "old", "data": {"v": 1}})
    body = batch(
        {"id": "new"},
        {"id": "old", "data": {"v": 1}},
        {"id": "old", "data": {"v": 2}},
        {"id": "bad", "time": "yesterday"},
    )
    answer = post(tenant, body)
    report = answer.json()
    assert answer.status_code == 202
    counts = [report[name] for name in ("accepted", "duplicate", "conflict", "rejected")]
    assert counts == [1, 1, 1, 1]
    listed = {result["index"]: result["status"] for result in report["results"]}
    assert listed[2] == "conflict"
    assert listed[3] == "rejected"
    assert 0 not in listed


def test_all_results_can_be_asked_for(tenant: Tenant) -> None:
    """detail=all lists accepted events as well."""
    answer = post(tenant, batch({"id": "1"}, {"id": "2"}), query="?detail=all")
    results = answer.json()["results"]
    assert [(each["index"], each["status"]) for each in results] == [
        (0, "accepted"),
        (1, "accepted"),
    ]


def test_all_results_tell_repeats_from_new_events(tenant: Tenant) -> None:
    """An event that was here already is a duplicate, not accepted."""
    post(tenant, batch({"id": "1"}))
    answer = post(tenant, batch({"id": "1"}, {"id": "2"}, {"id": "2"}), query="?detail=all")
    fates = [result["status"] for result in answer.json()["results"]]
    assert fates == ["duplicate", "accepted", "duplicate"]


def test_nothing_taken_is_422(tenant: Tenant) -> None:
    """A batch of which nothing was taken is not accepted."""
    answer = post(tenant, batch({"id": "1", "time": "nope"}))
    assert (answer.status_code, answer.json()["rejected"]) == (422, 1)


def test_one_event_in_structured_and_in_binary_mode(tenant: Tenant) -> None:
    """The two other modes of CloudEvents arrive at the same event."""
    structured = post(
        tenant,
        msgspec.json.encode(event_document({"id": "1", "data": {"v": 1}})),
        kind="application/cloudevents+json",
    )
    assert structured.json()["accepted"] == 1
    binary = post(
        tenant,
        b'{"v":1}',
        kind="application/json",
        ce_specversion="1.0",
        ce_id="1",
        ce_source="test",
        ce_type="call",
    )
    assert binary.json()["duplicate"] == 1, binary.text


@pytest.mark.parametrize("encoding", PACK)
def test_packed_bodies_are_unpacked(tenant: Tenant, encoding: str) -> None:
    """A gzip or zstd body counts like a plain one, small or large."""
    for size in (1, 5000):
        body = batch(*({"id": f"{size}.{number}"} for number in range(size)))
        answer = post(tenant, PACK[encoding](body), content_encoding=encoding)
        assert answer.json()["accepted"] == size, answer.text


@pytest.mark.parametrize("encoding", PACK)
def test_a_bomb_is_413(tenant: Tenant, encoding: str) -> None:
    """A small body that unpacks to more than 32 MiB is refused."""
    answer = post(tenant, PACK[encoding](bytes(34_000_000)), content_encoding=encoding)
    assert (answer.status_code, answer.json()["code"]) == (413, "too_large")


@pytest.mark.parametrize(
    ("headers", "body", "status"),
    [
        ({"content_encoding": "br"}, b"[]", 415),
        ({"content_encoding": "gzip"}, b"[]", 400),
        ({"content_encoding": "zstd"}, b"[]", 400),
        ({"kind": "text/html"}, b"[]", 415),
        ({}, b"[{", 400),
        ({"query": "?detail=some"}, b"[]", 422),
        ({"query": "?details=all"}, b"[]", 422),
    ],
)
def test_what_cannot_be_read_is_refused_whole(
    tenant: Tenant, headers: dict[str, str], body: bytes, status: int
) -> None:
    """An unknown encoding or type, damage and misspelt parameters take nothing."""
    answer = post(tenant, body, **headers)
    assert answer.status_code == status, answer.text
    assert answer.headers["content-type"] == "application/problem+json"


def test_a_large_body_is_refused_before_it_is_read(tenant: Tenant) -> None:
    """More than 32 MiB are refused by their length alone."""
    answer = post(tenant, bytes(32 * 1024 * 1024 + 1))
    assert answer.status_code == 413


def test_rejected_events_are_listed(tenant: Tenant) -> None:
    """A dead letter holds the event as sent and why it was not taken, newest first."""
    for number in range(3):
        post(tenant, batch({"id": f"bad {number}", "time": "nope"}))
    first = tenant.ask("GET", "/v1/dead-letters?limit=2").json()
    second = tenant.ask(
        "GET", "/v1/dead-letters", params={"limit": 2, "cursor": first["next_cursor"]}
    ).json()
    letters = first["items"] + second["items"]
    assert [letter["event_id"] for letter in letters] == ["bad 2", "bad 1", "bad 0"]
    assert letters[0]["code"] == "time_invalid"
    assert '"time":"nope"' in letters[0]["body"]
    assert tenant.ask("GET", "/v1/dead-letters?code=other").json()["items"] == []

"""Sources over HTTP: declared, shown, reported on; no secret comes in or goes out."""

from typing import Any

import pytest

from tests.serving import Tenant

FOLDER = {"kind": "folder", "key": "exports", "path": "/srv/usage"}
KAFKA = {"kind": "kafka", "key": "orders", "servers": "broker:9092", "topics": ["orders"]}


def declare(tenant: Tenant, document: dict[str, Any]) -> dict[str, Any]:
    """Declare a source, which must be right."""
    answer = tenant.ask("POST", "/v1/sources", json=document)
    assert answer.status_code == 200, answer.text
    shown: dict[str, Any] = answer.json()
    return shown


def report(tenant: Tenant, source: str, **partition: object) -> dict[str, Any]:
    """Report on one partition, and return how it stands."""
    body = {"partitions": [{"partition": "orders/0", **partition}]}
    answer = tenant.ask("POST", f"/v1/sources/{source}/progress", json=body)
    assert answer.status_code == 200, answer.text
    (shown,) = answer.json()["partitions"]
    found: dict[str, Any] = shown
    return found


def test_a_source_is_declared_paused_and_removed(tenant: Tenant) -> None:
    """A source stands as declared until it is changed; removed, it is not there."""
    declare(tenant, FOLDER)
    declare(tenant, {**FOLDER, "pattern": "*.csv"})
    paused = tenant.ask("POST", "/v1/sources/exports/pause").json()
    assert paused["paused"]
    declare(tenant, {**FOLDER, "pattern": "*.ndjson"})
    (shown,) = tenant.ask("GET", "/v1/sources").json()["items"]
    assert shown["paused"], "a change does not resume a source"
    assert shown["definition"]["pattern"] == "*.ndjson"
    assert not tenant.ask("POST", "/v1/sources/exports/resume").json()["paused"]
    assert tenant.ask("DELETE", "/v1/sources/exports").is_success
    assert tenant.ask("GET", "/v1/sources/exports").status_code == 404


@pytest.mark.parametrize(
    ("document", "path"),
    [
        ({**KAFKA, "settings": {"sasl.password": "hunter2"}}, "settings.sasl.password"),
        ({**KAFKA, "secrets": {"sasl.password": "hunter2"}}, "secrets.sasl.password"),
        ({**KAFKA, "secrets": {"sasl.password": "HOME"}}, "secrets.sasl.password"),
        (
            {"kind": "nats", "key": "n", "servers": ["nats://me:hunter2@h"], "stream": "s"},
            "servers[0]",
        ),
        ({"kind": "s3", "key": "b", "bucket": "b", "secrets": {"key": "X"}}, "secrets.key"),
        ({**FOLDER, "mapping": {"format": "csv"}}, "mapping.source"),
        ({**FOLDER, "path": "usage"}, "path"),
    ],
)
def test_what_cannot_be_is_refused_with_its_path(
    tenant: Tenant, document: dict[str, Any], path: str
) -> None:
    """Secrets in the clear, foreign variables and impossible mappings are refused, not echoed."""
    answer = tenant.ask("POST", "/v1/sources", json=document)
    assert answer.status_code == 422
    assert path in [problem["path"] for problem in answer.json()["errors"]]
    assert "hunter2" not in answer.text


def test_a_hole_stays_open_until_it_is_covered(tenant: Tenant) -> None:
    """A report that begins behind the last one opens a hole; one that covers it closes it."""
    declare(tenant, KAFKA)
    report(tenant, "orders", read=[{"first": 5, "end": 10}], messages=5)
    ahead = report(tenant, "orders", read=[{"first": 14, "end": 20}])
    assert (ahead["next_offset"], ahead["open"]) == (20, [{"first": 10, "end": 14}])
    filled = report(tenant, "orders", read=[{"first": 10, "end": 14}])
    assert (filled["open"], filled["holes_found"], filled["messages"]) == ([], 1, 5)
    gone = report(tenant, "orders", lost=[{"first": 18, "end": 25}])
    assert (gone["next_offset"], gone["lost"]) == (25, [{"first": 20, "end": 25}])


def test_an_unreadable_message_is_buried_once(tenant: Tenant) -> None:
    """A report sent twice leaves one dead letter, with partition and offset."""
    declare(tenant, KAFKA)
    bad = {"offset": 7, "message": "is not JSON", "body": "eyI="}
    for _ in range(2):
        report(tenant, "orders", read=[{"first": 5, "end": 10}], unreadable=[bad])
    (letter,) = tenant.ask("GET", "/v1/dead-letters").json()["items"]
    assert (letter["source"], letter["event_id"]) == ("source/orders", "orders/0:7")
    assert (letter["code"], letter["body"]) == ("unreadable_message", '{"')


def test_a_collector_needs_the_scope_ingest_alone(tenant: Tenant) -> None:
    """With an ingest key a collector asks and reports; it declares nothing and lists nothing."""
    declare(tenant, KAFKA)
    _, key = tenant.make_key("ingest")
    assert tenant.ask("GET", "/v1/sources/orders", token=key).is_success
    assert tenant.ask("GET", "/v1/sources/orders/items", token=key).is_success
    progress = tenant.ask("POST", "/v1/sources/orders/progress", token=key, json={})
    assert progress.is_success
    assert tenant.ask("POST", "/v1/sources", token=key, json=KAFKA).status_code == 403
    assert tenant.ask("GET", "/v1/sources", token=key).status_code == 403


def test_items_come_in_pages(tenant: Tenant) -> None:
    """Finished items are listed by name and version, page after page."""
    declare(tenant, FOLDER)
    item = {"status": "done", "events": 1, "not_counted": 0, "finished_at": "2026-01-01T00:00:00Z"}
    names = [("a", "1"), ("a", "2"), ("b", "1")]
    listed = [{"name": name, "version": version, **item} for name, version in names]
    tenant.ask("POST", "/v1/sources/exports/progress", json={"items": listed})
    first = tenant.ask("GET", "/v1/sources/exports/items?limit=2").json()
    rest = tenant.ask(
        "GET", "/v1/sources/exports/items", params={"limit": 2, "cursor": first["next_cursor"]}
    ).json()
    found = [(each["name"], each["version"]) for each in first["items"] + rest["items"]]
    assert (found, rest["next_cursor"]) == (names, "")

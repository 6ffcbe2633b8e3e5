"""`/v1/pipeline`, `/metrics` and the page: how events are doing, and what holds them up."""

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from tallystick.bootstrap import new_start_token
from tests import plain_http
from tests.serving import Served, Tenant
from tests.waiting import wait_until

METERS = [
    {"key": "calls", "event_type": "call", "aggregation": "count", "unit": "call"},
    {
        "key": "level",
        "event_type": "level",
        "aggregation": "time_weighted",
        "value": "v",
        "unit": "vm",
        "hold_seconds_max": 60,
    },
]
ACCOUNT = {"key": "acme", "name": "Acme", "zone": "UTC", "currency": "EUR", "invoiced": True}


@pytest.fixture
def watched(tenant: Tenant) -> Tenant:
    """Lend a workspace with two senders, a silent level, a refused and an unattributed event."""
    tenant.apply({"meters": METERS, "accounts": [ACCOUNT]})
    now = datetime.now(UTC)
    older, old = (now - timedelta(minutes=minutes) for minutes in (30, 10))
    sent = tenant.send(
        {"id": "1", "subject": "acme", "source": "east", "time": old.isoformat()},
        {"id": "2", "subject": "acme", "source": "east", "time": older.isoformat()},
        {"id": "3", "subject": "nobody", "source": "west", "time": old.isoformat()},
        {
            "id": "4",
            "type": "level",
            "subject": "acme",
            "source": "east",
            "time": old.isoformat(),
            "data": {"v": 1},
        },
        {"id": "5", "time": "soon"},
    )
    wait_until(
        lambda: look(tenant)["flow"]["projection_position"] >= sent["last_position"],
        seconds_max=30,
        waiting_for="the projection",
    )
    return tenant


def look(tenant: Tenant) -> dict[str, Any]:
    """Return the state of the pipeline."""
    answer = tenant.ask("GET", "/v1/pipeline")
    assert answer.status_code == 200, answer.text
    found: dict[str, Any] = answer.json()
    return found


def test_everything_that_holds_events_up_is_told(watched: Tenant) -> None:
    """Lag, outcomes, dead letters, unattributed events, the age of each sender, silence."""
    found = look(watched)
    flow = found["flow"]
    assert flow["log_position"] >= flow["projection_position"] > 0
    assert flow["accepted"] >= 4
    assert flow["rejected"] >= 1
    assert [(each["code"], each["letters"]) for each in found["dead_letters"]] == [
        ("time_invalid", 1)
    ]
    assert found["unattributed_events"] == 1
    senders = {each["source"]: each for each in found["senders"]}
    assert {source: each["events"] for source, each in senders.items()} == {"east": 3, "west": 1}
    assert 600 <= senders["east"]["age_seconds"] < 700
    (silent,) = found["silent_resources"]
    assert (silent["subject"], silent["meter"], silent["gaps"]) == ("acme", "level", 1)
    # Held for 60 of the 600 seconds since its only reading.
    assert 540 <= int(silent["gap_seconds"].partition(".")[0]) < 640


def test_another_workspace_is_not_in_it(watched: Tenant, served: Served) -> None:
    """A workspace without events shows no sender, no letter and nothing unattributed."""
    found = look(served.tenant())
    assert (found["senders"], found["dead_letters"], found["unattributed_events"]) == ([], [], 0)
    assert look(watched)["senders"] != []


def test_keys_of_an_account_may_not_look(watched: Tenant) -> None:
    """The pipeline is the operator's: a key of one account is refused."""
    _, bound = watched.make_key("read", account="acme")
    assert watched.ask("GET", "/v1/pipeline", token=bound).status_code == 403


def test_metrics_count_what_waits(watched: Tenant) -> None:
    """Dead letters that wait and open streams are gauges without labels."""
    text = watched.ask("GET", "/metrics", token="").text
    lines = dict(line.rsplit(" ", 1) for line in text.splitlines() if not line.startswith("#"))
    assert int(lines["tallystick_dead_letters_waiting"].partition(".")[0]) >= 1
    assert "tallystick_usage_streams_open" in lines


def test_metrics_tell_how_sources_stand(tenant: Tenant) -> None:
    """Each declared source has its age, offsets, holes and losses, under its workspace and key."""
    kafka = {"kind": "kafka", "key": "orders", "servers": "broker:9092", "topics": ["orders"]}
    assert tenant.ask("POST", "/v1/sources", json=kafka).is_success
    newest = datetime.now(UTC) - timedelta(hours=1)
    read = {
        "partition": "orders/0",
        "read": [{"first": 5, "end": 10}, {"first": 14, "end": 20}],
        "messages": 11,
    }
    told = {
        "partition": "orders/0",
        "lost": [{"first": 12, "end": 13}],
        "newest_at": newest.isoformat(),
        "problem": "broker away",
    }
    report = {"partitions": [read, told]}
    assert tenant.ask("POST", "/v1/sources/orders/progress", json=report).is_success
    assert tenant.ask("POST", "/v1/sources/orders/pause").is_success
    text = tenant.ask("GET", "/metrics", token="").text
    labels = f'source="orders",workspace="{tenant.workspace}"'
    found = {
        line.partition("{")[0].removeprefix("tallystick_source_"): int(float(line.split()[-1]))
        for line in text.splitlines()
        if labels in line
    }
    age = found.pop("newest_event_age_seconds")
    assert 3600 <= age < 3660
    assert found == {
        "messages": 11,
        "open_offsets": 3,
        "lost_offsets": 1,
        "holes_found": 1,
        "problems": 1,
        "paused": 1,
        "next_offset": 20,
    }


def test_the_page_shows_it(watched: Tenant, served: Served) -> None:
    """The page names senders, reasons and silent resources; a stranger is led to sign in."""
    token = new_start_token(
        served.access.secret, workspace=watched.workspace, now=datetime.now(UTC)
    )
    with plain_http.client(watched.url) as browser:
        assert browser.get("/pipeline").headers["location"] == "/login"
        assert browser.get("/start", params={"token": token}).status_code == 303
        page = browser.get("/pipeline")
    assert page.status_code == 200
    for words in ("east", "west", "time_invalid", "acme", "10 min", "No declared source has any."):
        assert words in page.text, words

"""`/v1/alerts`: listed in pages, shown in `/v1/pipeline`, on the page and on `/metrics`."""

from collections.abc import Iterator
from datetime import UTC, datetime

import pytest

from tallystick.bootstrap import new_start_token
from tests import plain_http
from tests.databases import Cluster
from tests.serving import Served, serve
from tests.waiting import wait_until


@pytest.fixture(scope="module")
def strict(cluster: Cluster, template: str) -> Iterator[Served]:
    """Lend a server that alerts of the first unattributed event and the first dead letter."""
    thresholds = "unattributed_events=1 dead_letters=1"
    with serve(
        cluster, template, TALLYSTICK_ALERTS=thresholds, TALLYSTICK_ALERT_SECONDS="1"
    ) as server:
        yield server


def test_an_alert_is_seen_wherever_one_looks(strict: Served) -> None:
    """One for each condition, each once, though it is looked at every second."""
    tenant = strict.tenant()
    now = datetime.now(UTC)
    tenant.send(
        {"id": "1", "subject": "nobody", "time": now.isoformat()}, {"id": "2", "time": "soon"}
    )

    def listed() -> list[str]:
        items = tenant.ask("GET", "/v1/alerts").json()["items"]
        return sorted(each["condition"] for each in items)

    wait_until(lambda: len(listed()) == 2, seconds_max=60, waiting_for="both alerts")
    assert listed() == ["dead_letters", "unattributed_events"]
    first = tenant.ask("GET", "/v1/alerts", params={"limit": 1}).json()
    assert first["items"][0]["closed_at"] is None
    rest = tenant.ask("GET", "/v1/alerts", params={"cursor": first["next_cursor"]}).json()
    assert len(rest["items"]) == 1
    standing = tenant.ask("GET", "/v1/pipeline").json()["alerts"]
    assert len(standing) == 2
    metrics = tenant.ask("GET", "/metrics", token="").text
    assert 'tallystick_alerts_open{condition="dead_letters"} 1.0' in metrics
    assert 'tallystick_alerts_open{condition="lag_seconds"} 0.0' in metrics

    token = new_start_token(strict.access.secret, workspace=tenant.workspace, now=now)
    with plain_http.client(tenant.url) as browser:
        assert browser.get("/start", params={"token": token}).status_code == 303
        page = browser.get("/pipeline").text
    assert "unattributed events" in page
    assert "1 (from 1)" in page

    discarded = tenant.ask(
        "POST", "/v1/dead-letters/discard", json={"filter": {}, "reason": "a test"}
    )
    assert discarded.status_code == 200, discarded.text
    wait_until(
        lambda: (
            [
                each["closed_at"]
                for each in tenant.ask("GET", "/v1/alerts").json()["items"]
                if each["condition"] == "dead_letters"
            ]
            != [None]
        ),
        seconds_max=60,
        waiting_for="the alert to close",
    )
    assert tenant.ask("GET", "/v1/alerts", token=tenant.make_key("ingest")[1]).status_code == 403

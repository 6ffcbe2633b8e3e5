"""The history of usage alerts as a document, and the live list of accounts near a limit."""

from pathlib import Path
from typing import Any

import msgspec

from tallystick.app.usage_alerts import AlertHistory
from tallystick.integrations.catalog_files import source_from_yaml
from tests.api.test_quotas import ask, catalog
from tests.api.test_usage_alerts import alerts
from tests.cli.running import here
from tests.serving import Tenant

Json = Any
EVER = {"start": "2026-01-01T00:00:00Z", "end": "2036-01-01T00:00:00Z"}
OTHER = {"key": "other", "name": "Other", "zone": "UTC", "currency": "EUR", "invoiced": True}


def cli(tenant: Tenant, *arguments: str | Path) -> Json:
    """Run a command on usage alerts, which must do it; return its answer as JSON."""
    ended = here("usage-alert", *arguments, "--url", tenant.url, "--key", tenant.token, "--json")
    assert ended.code == 0, ended.err
    return ended.document()


def near(tenant: Tenant, **query: str) -> Json:
    """Return a page of accounts near a limit."""
    answer = tenant.ask("GET", "/v1/usage-alerts/near", params=query)
    assert answer.status_code == 200, answer.text
    return answer.json()


def test_a_history_is_a_file_with_its_schema_beside_it(tenant: Tenant, tmp_path: Path) -> None:
    """Alerts stand in order with their responses, and have the shape that is published."""
    tenant.apply(catalog(calls={"limit": "10"}))
    for number in range(10):
        ask(tenant, "consume", "calls", source="s", id=f"c{number}")
    latest = alerts(tenant)[0]["alert"]["id"]
    cli(tenant, "acknowledge", latest, "--response", "called them")
    cli(tenant, "resolve", latest, "--response", "sold a larger plan")
    out = tmp_path / "alert-history.yaml"
    period = ("--start", EVER["start"], "--end", EVER["end"])
    cli(tenant, "history", *period, "--out", out)
    source, faults = source_from_yaml(out.read_bytes(), file=str(out))
    assert not faults
    document: Json = source.body
    told = msgspec.convert(document, AlertHistory)
    assert [alert.thresholds for alert in told.alerts] == [("80 %",), ("90 %",), ("100 %",)]
    assert [alert.state for alert in told.alerts] == ["open", "open", "resolved"]
    said = [(each.kind, each.response) for each in told.alerts[2].responses]
    assert said == [("acknowledged", "called them"), ("resolved", "sold a larger plan")]
    schema = msgspec.json.decode((tmp_path / "alert-history.schema.json").read_bytes())
    members = schema["$defs"]["HistoryAlert"]
    listed = document["alerts"]
    for alert in listed:
        assert set(members["required"]) <= set(alert) <= set(members["properties"])
    unresolved = cli(tenant, "list", "--unresolved")
    assert [one["alert"]["percent"] for one in unresolved] == ["90.0", "80.0"]


def test_a_history_holds_what_its_period_holds(tenant: Tenant) -> None:
    """Neither what was told before the period or after it, nor what another account was told."""
    tenant.apply(catalog(calls={"limit": "1"}))
    tenant.apply({"accounts": [OTHER]})
    ask(tenant, "consume", "calls", source="s", id="c")
    opened = alerts(tenant)[0]["alert"]["opened_at"]

    def told(token: str | None = None, **period: str) -> Json:
        answer = tenant.ask("GET", "/v1/usage-alerts/history", params=period, token=token)
        return answer.json()

    assert len(told(**EVER)["alerts"]) == 1
    assert told(start=EVER["start"], end=opened)["alerts"] == []
    assert len(told(start=opened, end=EVER["end"])["alerts"]) == 1
    assert told(start=EVER["end"], end=EVER["start"])["code"] == "wrong_value"
    _, foreign = tenant.make_key("read", account="other")
    assert told(foreign, **EVER)["alerts"] == []
    assert told(foreign, account="acme", **EVER)["code"] == "not_found"


def test_who_is_near_a_limit_is_listed_by_pages(tenant: Tenant) -> None:
    """From the given percentage on, by account and feature, each once over all pages."""
    tenant.apply(catalog(calls={"limit": "10"}, tokens={"limit": "1000"}))
    ask(tenant, "consume", "calls", source="s", id="c", quantity="1")
    ask(tenant, "consume", "tokens", source="s", id="t", quantity="799")
    assert near(tenant)["items"] == []
    first = near(tenant, percent="10", limit="1")
    second = near(tenant, percent="10", limit="1", cursor=first["next_cursor"])
    found = [(one["feature"], one["used"], one["limit"], one["percent"]) for one in first["items"]]
    assert found == [("calls", "1", "10", "10.0")]
    assert [(one["feature"], one["percent"]) for one in second["items"]] == [("tokens", "79.9")]
    ask(tenant, "consume", "tokens", source="s", id="u", quantity="1")
    listed = cli(tenant, "near")
    assert [(one["feature"], one["percent"]) for one in listed] == [("tokens", "80.0")]

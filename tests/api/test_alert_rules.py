"""Declared alert rules: what they tell of, when, and that they are told once."""

from datetime import UTC, datetime, timedelta
from typing import Any

import psycopg

from tests.api.test_quotas import ask, catalog
from tests.api.test_usage_alerts import alerts, facts, told
from tests.serving import Served, Tenant
from tests.waiting import wait_until

Json = Any


def watched(tenant: Tenant, *rules: Json, limit: str = "10") -> None:
    """Apply rules over calls of which so many may be used."""
    tenant.apply({**catalog(calls={"limit": limit}), "alert_rules": list(rules)})


def use(tenant: Tenant, *ids: str) -> None:
    """Use calls, one after the other."""
    for id in ids:
        ask(tenant, "consume", "calls", source="s", id=id)


def test_a_rule_stands_in_for_the_thresholds_that_nobody_declared(tenant: Tenant) -> None:
    """Of 10 calls, 5 pass a rule of 50 %; 80, 90 and 100 % are told no more, and nothing twice."""
    watched(tenant, {"key": "half", "thresholds": [{"percent": "50", "severity": "info"}]})
    use(tenant, *(f"c{number}" for number in range(10)))
    assert told(tenant) == [("50 %",)]
    (alert,) = [one["alert"] for one in alerts(tenant) if one["alert"]["kind"] == "threshold"]
    assert (alert["rule"], alert["severity"], alert["value"]) == ("half", "info", "5")
    assert alert["message"] == "Usage of calls at 5, 50.0 % of the limit: passed 50 %."


def test_rules_are_of_an_account_a_plan_and_a_feature(tenant: Tenant) -> None:
    """Rules of another feature or account are left out; those of the plan count."""
    other = {"key": "other", "name": "Other", "zone": "UTC", "currency": "EUR", "invoiced": True}
    tenant.apply({"accounts": [other]})
    at = [{"amount": "2"}]
    watched(
        tenant,
        {"key": "a", "account": "acme", "thresholds": at},
        {"key": "b", "account": "other", "thresholds": at},
        {"key": "c", "plan": "pro", "feature": "calls", "thresholds": at},
        {"key": "d", "plan": "pro", "feature": "tokens", "thresholds": at},
        {"key": "e", "thresholds": at, "enabled": False},
    )
    use(tenant, "1", "2", "3")
    assert sorted(one["alert"]["rule"] for one in alerts(tenant)) == ["a", "c"]


def test_what_recurs_is_told_with_each_step(tenant: Tenant) -> None:
    """Every 3 tokens: at 3 and 6, and a jump over two steps is one notice."""
    rule = {"key": "r", "thresholds": [{"amount": "3", "recurring": True}]}
    tenant.apply({**catalog(tokens={"limit": "100"}), "alert_rules": [rule]})
    for id, quantity in (("1", "3"), ("2", "2"), ("3", "1"), ("4", "1"), ("5", "6")):
        ask(tenant, "consume", "tokens", source="s", id=id, quantity=quantity)
    assert [one["alert"]["value"] for one in alerts(tenant)] == ["13", "6", "3"]


def test_a_changed_rule_counts_at_once(tenant: Tenant) -> None:
    """What was passed before it was declared is told without a use, the next step with one."""
    watched(tenant, limit="100")
    use(tenant, "1", "2")
    rule = {"key": "r", "thresholds": [{"amount": "1"}, {"amount": "3"}]}
    tenant.apply({"alert_rules": [rule]})
    wait_until(lambda: told(tenant) == [("1",)], waiting_for="what was passed", seconds_max=60)
    use(tenant, "3")
    assert told(tenant) == [("3",), ("1",)]
    tenant.apply({"alert_rules": [{"key": "r", "thresholds": [{"amount": "4"}], "enabled": False}]})
    use(tenant, "4")
    assert told(tenant) == [("3",), ("1",)]


def test_a_lower_limit_is_told_without_a_use(tenant: Tenant) -> None:
    """9 of 100 tell nothing; of 10 they are 90 %, which is told as the limit is lowered."""
    watched(tenant, limit="100")
    use(tenant, *(f"c{number}" for number in range(9)))
    assert told(tenant) == []
    order = {"feature": "calls", "limit": "10", "reason": "agreed"}
    answer = tenant.ask("POST", "/v1/accounts/acme/entitlement-grants", json=order)
    assert answer.status_code < 300, answer.text
    wait_until(lambda: bool(told(tenant)), waiting_for="the limit", seconds_max=60)
    assert told(tenant) == [("80 %", "90 %")]


def test_quiet_hours_hold_what_is_not_critical(served: Served, tenant: Tenant) -> None:
    """The alert stands at once; its message waits for the end, one that is critical does not."""
    now = datetime.now(UTC)
    begun, end = now - timedelta(hours=2), now + timedelta(hours=2)
    quiet = {"start": f"{begun:%H:%M}", "end": f"{end:%H:%M}", "zone": "UTC"}
    thresholds = [{"percent": "50"}, {"percent": "100", "severity": "critical"}]
    watched(tenant, {"key": "q", "thresholds": thresholds, "quiet_hours": quiet}, limit="2")
    use(tenant, "1", "2")
    assert told(tenant) == [("100 %",), ("50 %",)]
    found = {fact["thresholds"][0]: fact["alertId"] for fact in facts(served, tenant, TOPIC)}
    assert due(served, tenant, found["50 %"]) == end.replace(second=0, microsecond=0)
    assert due(served, tenant, found["100 %"]) <= datetime.now(UTC) + timedelta(seconds=5)


def test_rules_are_exported_as_they_were_applied(tenant: Tenant) -> None:
    """What is exported is applied again without a change."""
    rule = {
        "key": "r",
        "watched": "usage",
        "feature": "calls",
        "plan": "pro",
        "thresholds": [{"amount": "3", "recurring": True, "severity": "info"}, {"percent": "80"}],
        "quiet_hours": {
            "start": "22:00",
            "end": "07:00",
            "zone": "Europe/Berlin",
            "days": ["monday"],
        },
    }
    watched(tenant, rule)
    answer = tenant.ask("GET", "/v1/catalog/export")
    assert answer.status_code == 200, answer.text
    assert answer.json()["alert_rules"] == [rule]


TOPIC = "UsageThresholdBreached"


def due(served: Served, tenant: Tenant, id: str) -> datetime:
    """Return when a message leaves."""
    with psycopg.connect(served.cluster.address("postgres", served.database)) as connection:
        row = connection.execute(
            "SELECT next_attempt_at FROM outbox WHERE workspace_id = %s AND id = %s",
            [tenant.workspace, id],
        ).fetchone()
    assert row is not None
    return datetime.fromisoformat(row[0].isoformat())

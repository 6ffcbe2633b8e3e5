"""Usage alerts: told once for every crossing and window, with what people did about them."""

from typing import Any

import psycopg

from tests.api.test_quotas import ask, call, catalog
from tests.serving import Served, Tenant
from tests.storming import post_at_once
from tests.waiting import wait_until

Json = Any
CARD = "4111 1111 1111 1111"


def alerts(tenant: Tenant, token: str | None = None, **query: str) -> list[Json]:
    """Return the usage alerts of a workspace, the latest first."""
    answer = tenant.ask("GET", "/v1/usage-alerts", params=query, token=token)
    assert answer.status_code == 200, answer.text
    return list(answer.json()["items"])


def told(tenant: Tenant) -> list[tuple[str, ...]]:
    """Return which thresholds were told, the latest first."""
    found = [one["alert"] for one in alerts(tenant)]
    return [tuple(one["thresholds"]) for one in found if one["kind"] == "threshold"]


def facts(served: Served, tenant: Tenant, topic: str) -> list[Json]:
    """Return the facts of a topic that wait in the outbox."""
    with psycopg.connect(served.cluster.address("postgres", served.database)) as connection:
        rows = connection.execute(
            "SELECT payload FROM outbox WHERE workspace_id = %s AND topic = %s",
            [tenant.workspace, topic],
        )
        return [row[0] for row in rows]


def test_each_threshold_is_told_once(served: Served, tenant: Tenant) -> None:
    """Of ten, the eighth, ninth and tenth call tell; nothing is told twice."""
    tenant.apply(catalog(calls={"limit": "10"}))
    for number in range(12):
        ask(tenant, "consume", "calls", source="s", id=f"c{number}")
        ask(tenant, "consume", "calls", source="s", id=f"c{number}")
    assert told(tenant) == [("100 %",), ("90 %",), ("80 %",)]
    told_first = facts(served, tenant, "UsageThresholdBreached")
    first = min(told_first, key=lambda fact: int(fact["currentUsage"]))
    assert first["tenantId"] == "acme"
    assert (first["resourceType"], first["currentUsage"], first["limit"]) == ("calls", "8", "10")
    assert len(first["traceId"]) == 32


def test_a_jump_is_one_notice(tenant: Tenant) -> None:
    """From 0 to 95 % tells 80 and 90 % at once."""
    tenant.apply(catalog(tokens={"limit": "100"}))
    ask(tenant, "consume", "tokens", source="s", id="t", quantity="95")
    assert told(tenant) == [("80 %", "90 %")]


def test_what_is_ingested_passes_thresholds_too(tenant: Tenant) -> None:
    """Events that nobody asked for first are told of as soon as they are counted."""
    tenant.apply(catalog(calls={"limit": "4"}))
    tenant.send(*(call(f"c{number}") for number in range(5)))
    wait_until(lambda: bool(told(tenant)), waiting_for="an alert", seconds_max=30)
    assert told(tenant) == [("80 %", "90 %", "100 %")]


def test_a_storm_tells_once(served: Served, tenant: Tenant) -> None:
    """A hundred clients at a limit: one alert a threshold, one that it is enforced."""
    tenant.apply(catalog(calls={"limit": "50"}))
    orders = [
        {"account": "acme", "feature": "calls", "source": "s", "id": f"e{n}"} for n in range(200)
    ]
    post_at_once(tenant, "/v1/quota/consume", orders, clients=100)
    names = sorted(name for each in told(tenant) for name in each)
    assert names == ["100 %", "80 %", "90 %"]
    enforced = facts(served, tenant, "QuotaEnforced")
    assert [(one["resourceType"], one["action"]) for one in enforced] == [
        ("calls", "limit_reached")
    ]


def test_people_respond_once(tenant: Tenant) -> None:
    """An alert is acknowledged, then resolved with a response that names no card; then settled."""
    tenant.apply(catalog(calls={"limit": "1"}))
    ask(tenant, "consume", "calls", source="s", id="c")
    (found,) = alerts(tenant)
    path = f"/v1/usage-alerts/{found['alert']['id']}"
    card = tenant.ask("POST", f"{path}/acknowledge", json={"response": CARD})
    assert (card.status_code, CARD in card.text) == (422, False)
    assert card.json()["code"] == "card_number"
    assert tenant.ask("POST", f"{path}/acknowledge", json={}).status_code == 200
    assert alerts(tenant)[0]["state"] == "acknowledged"
    done = tenant.ask("POST", f"{path}/resolve", json={"response": "sold a larger plan"})
    assert done.status_code == 200, done.text
    settled = alerts(tenant)[0]
    assert (settled["state"], settled["responses"][1]["response"]) == (
        "resolved",
        "sold a larger plan",
    )
    again = tenant.ask("POST", f"{path}/resolve", json={})
    assert (again.status_code, again.json()["code"]) == (409, "already_decided")


def test_an_account_sees_its_own_alerts(tenant: Tenant) -> None:
    """A key of an account gets its account's alerts, and of another nothing."""
    tenant.apply(catalog(calls={"limit": "1"}))
    other = {"key": "other", "name": "Other", "zone": "UTC", "currency": "EUR", "invoiced": True}
    tenant.apply({"accounts": [other]})
    ask(tenant, "consume", "calls", source="s", id="c")
    _, own = tenant.make_key("read", account="acme")
    _, foreign = tenant.make_key("read", account="other")
    assert len(alerts(tenant, token=own)) == 1
    assert alerts(tenant, token=foreign) == []
    assert (
        tenant.ask("GET", "/v1/usage-alerts", token=foreign, params={"account": "acme"}).status_code
        == 404
    )

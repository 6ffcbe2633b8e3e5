"""Facts that are published: told once, with their fields, by the trace of their request."""

from decimal import Decimal
from typing import Any

import msgspec
import psycopg
import pytest

from tallystick.app.facts import FACTS
from tests.api.test_quotas import ask, call, catalog
from tests.api.test_subscriptions import CATALOG, CHANGES, TODAY
from tests.serving import Served, Tenant, event_document
from tests.waiting import wait_until

Json = Any
TRACE = "4bf92f3577b34da6a3ce929d0e0e4736"
TRACED = {"traceparent": f"00-{TRACE}-00f067aa0ba902b7-01"}


def facts(served: Served, tenant: Tenant, topic: str) -> list[Json]:
    """Return the facts of a topic in the outbox, each as its definition reads it."""
    with psycopg.connect(served.cluster.address("postgres", served.database)) as connection:
        rows = connection.execute(
            "SELECT payload, trace_id FROM outbox WHERE workspace_id = %s AND topic = %s"
            " ORDER BY created_at, id",
            [tenant.workspace, topic],
        ).fetchall()
    for payload, _ in rows:
        msgspec.convert(payload, FACTS[topic])
        assert msgspec.json.decode(msgspec.json.encode(payload)).keys() >= required(topic)
    return [payload | {"_trace": trace} for payload, trace in rows]


def required(topic: str) -> set[str]:
    """Return the members that the schema of a fact requires."""
    schema = msgspec.json.schema(FACTS[topic])
    return set(schema["$defs"][FACTS[topic].__name__]["required"])


def test_an_invoice_is_told_with_the_trace_of_its_run(served: Served, tenant: Tenant) -> None:
    """Amount, currency and period are those of the document; a second run tells nothing more."""
    tenant.apply(CATALOG)
    for _ in range(2):
        assert tenant.ask("POST", "/v1/invoices/run", json={}, headers=TRACED).status_code == 200
    (fact,) = facts(served, tenant, "InvoiceGenerated")
    document = tenant.ask("GET", f"/v1/invoices/{fact['invoiceId']}").json()
    assert fact["tenantId"] == "acme"
    assert (fact["amount"], fact["currency"]) == ("110.00", "EUR")
    assert fact["number"] == document["number"]
    assert fact["billingPeriod"]["start"] == document["period"]["start"]
    assert (fact["traceId"], fact["_trace"]) == (TRACE, TRACE)


def test_another_plan_is_told_once_with_its_money(served: Served, tenant: Tenant) -> None:
    """Tried, agreed on, and agreed on again: one fact, with what the agreement comes to."""
    tenant.apply(CATALOG)
    order = {"plan": "team", "version": 1, "at": TODAY}
    tenant.ask("POST", CHANGES, json=order | {"dry_run": True})
    assert facts(served, tenant, "PlanMigrated") == []
    agreed = tenant.ask("POST", CHANGES, json=order, headers=TRACED).json()
    tenant.ask("POST", CHANGES, json=order)
    (fact,) = facts(served, tenant, "PlanMigrated")
    assert (fact["fromPlan"], fact["toPlan"], fact["direction"]) == ("basic", "team", "upgrade")
    more = Decimal(agreed["charge"]) - Decimal(agreed["credit"])
    assert more > 0
    assert Decimal(fact["proratedAmount"]) == more
    assert fact["traceId"] == TRACE


def test_a_change_that_keeps_the_plan_is_no_migration(served: Served, tenant: Tenant) -> None:
    """More seats, whether or not the order names the plan that holds."""
    tenant.apply(CATALOG)
    for plan in ({}, {"plan": "basic", "version": 1}):
        order = {"quantities": {"seats": str(3 + len(plan))}, **plan}
        answer = tenant.ask("POST", CHANGES, json=order)
        assert answer.status_code == 200, answer.text
    assert facts(served, tenant, "PlanMigrated") == []


def test_alerts_are_facts_with_every_field(served: Served, tenant: Tenant) -> None:
    """What passes thresholds and what is refused then, by the trace of each request."""
    tenant.apply(catalog(calls={"limit": "1"}))
    for number in range(2):
        order = {"account": "acme", "feature": "calls", "source": "s", "id": f"c{number}"}
        tenant.ask("POST", "/v1/quota/consume", json=order, headers=TRACED)
    (breached,) = facts(served, tenant, "UsageThresholdBreached")
    (enforced,) = facts(served, tenant, "QuotaEnforced")
    assert (breached["currentUsage"], breached["limit"], breached["percent"]) == ("1", "1", "100.0")
    assert (enforced["action"], enforced["traceId"]) == ("limit_reached", TRACE)


def test_a_threshold_that_events_passed_is_told_by_the_trace_of_their_request(
    served: Served, tenant: Tenant
) -> None:
    """Of two requests one passes the limit; the alert and the fact have its trace."""
    tenant.apply(catalog(calls={"limit": "2"}))
    assert counted(tenant) == "0"
    tenant.send(call("a"))
    wait_until(lambda: counted(tenant) == "1", waiting_for="a counted call", seconds_max=30)
    sent = tenant.ask(
        "POST",
        "/v1/events",
        content=msgspec.json.encode([event_document(call("b"))]),
        headers={"content-type": "application/cloudevents-batch+json", **TRACED},
    )
    assert sent.status_code == 202, sent.text
    wait_until(
        lambda: bool(facts(served, tenant, "UsageThresholdBreached")),
        waiting_for="the limit to be told",
        seconds_max=30,
    )
    (breached,) = facts(served, tenant, "UsageThresholdBreached")
    assert (breached["currentUsage"], breached["traceId"]) == ("2", TRACE)


def test_usage_is_told_where_somebody_asked_for_it(served: Served, tenant: Tenant) -> None:
    """What was decided and what was ingested, each once; before the webhook stood, nothing."""
    tenant.apply(catalog(calls={"limit": "100"}))
    tenant.send(call("early"))
    wait_until(lambda: counted(tenant) == "1", waiting_for="a counted call", seconds_max=30)
    order = {"url": "https://example.com/hooks", "topics": ["UsageRecorded"]}
    assert tenant.ask("POST", "/v1/webhooks", json=order).status_code == 201
    ask(tenant, "consume", "calls", source="s", id="decided", quantity="1")
    tenant.send(call("a"), call("b"))
    wait_until(
        lambda: told_in_all(served, tenant) == 3, waiting_for="three calls told", seconds_max=30
    )
    for fact in facts(served, tenant, "UsageRecorded"):
        for record in fact["records"]:
            assert (record["tenantId"], record["resourceType"]) == ("acme", "calls")
            assert record["traceId"] == fact["_trace"]


def counted(tenant: Tenant) -> str:
    """Return what is used of the calls."""
    answer = tenant.ask("GET", "/v1/quota/usage", params={"account": "acme"}).json()
    (found,) = [one for one in answer["quotas"] if one["feature"] == "calls"]
    return str(found["used"])


def told_in_all(served: Served, tenant: Tenant) -> int:
    """Return what the usage that was told comes to."""
    told = facts(served, tenant, "UsageRecorded")
    return sum(int(one["quantity"]) for fact in told for one in fact["records"])


@pytest.mark.parametrize("name", FACTS)
def test_each_fact_has_a_schema_that_names_it(tenant: Tenant, name: str) -> None:
    """By name, with the fields that it must have; who is not known is told what there is."""
    schema = tenant.ask("GET", f"/v1/schemas/facts/{name}").json()
    assert schema["$id"] == f"urn:tallystick:fact:{name}:1"
    assert schema["$defs"][FACTS[name].__name__]["required"]
    listed = tenant.ask("GET", "/v1/schemas/facts").json()
    assert schema["$id"] in [one["dataschema"] for one in listed]
    unknown = tenant.ask("GET", f"/v1/schemas/facts/{name}X")
    assert (unknown.status_code, name in unknown.text) == (404, True)

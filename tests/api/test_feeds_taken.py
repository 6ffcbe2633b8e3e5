"""Feeds take what other systems say of tenants: each item once, by commands that exist."""

from collections.abc import Mapping
from typing import Any

import httpx

from tests.api.test_feeds import told
from tests.api.test_quotas import catalog as quota_catalog
from tests.api.test_subscriptions import CATALOG
from tests.api.test_triggers import break_off, changes, event, listed, refused
from tests.serving import Served, Tenant
from tests.waiting import wait_until

Json = Any
COST: Json = {
    "periodStart": "2026-03-01T00:00:00Z",
    "periodEnd": "2026-04-01T00:00:00Z",
    "resource": "db-eu-1",
    "amount": "812.40",
    "currency": "EUR",
    "tenantId": "acme",
    "efficiencyPercent": "61.5",
}


def send(tenant: Tenant, feed: str, *items: Json, token: str | None = None) -> httpx.Response:
    """Send items to a feed as a batch."""
    headers = {"content-type": "application/cloudevents-batch+json"}
    path = f"/v1/feeds/{feed}"
    return tenant.ask("POST", path, json=list(items), headers=headers, token=token)


def one(tenant: Tenant, feed: str, kind: str, data: Mapping[str, object]) -> Json:
    """Send one item and return what came of it."""
    (result,) = send(tenant, feed, event(kind, data)).json()["results"]
    return result


def test_a_tenant_is_configured_once(tenant: Tenant) -> None:
    """Created, then whole as it was said; a wrong one is refused with its reason."""
    account = {"name": "New", "zone": "UTC", "currency": "EUR", "invoiced": True}
    said = {"tenantId": "new", "account": account}
    first = one(tenant, "tenant-management", "TenantConfiguration", said)
    assert (first["status"], first["outcome"]["created"]) == ("done", 1), first
    again = one(tenant, "tenant-management", "TenantConfiguration", said)
    assert again["status"] == "repeated"
    keys = [each["key"] for each in tenant.ask("GET", "/v1/accounts").json()["items"]]
    assert keys == ["new"]
    wrong = event("TenantConfiguration", said | {"account": {"name": "x", "rate": 1.5}}, id="e-2")
    (result,) = send(tenant, "tenant-management", wrong).json()["results"]
    assert result["status"] == "refused"


def test_an_edition_is_assigned_and_told_to_toggles(tenant: Tenant) -> None:
    """The tenant's own contract changes its plan, once; another tenant's is not found."""
    tenant.apply(CATALOG)
    said = {"tenantId": "acme", "subscriptionId": "acme-basic", "plan": "team", "version": 1}
    foreign = one(tenant, "tenant-management", "EditionAssignment", said | {"tenantId": "x"})
    assert foreign["problems"][0]["code"] == "unknown_subscription"
    for status in ("done", "repeated"):
        result = one(tenant, "tenant-management", "EditionAssignment", said)
        assert result["status"] == status, result
    assert len(changes(tenant)) == 1
    (item,) = told(tenant, "feature-toggles")["items"]
    assert item["data"]["toPlan"] == "team"


def test_a_quota_is_defined_over_the_contract(tenant: Tenant) -> None:
    """What the tenant may use is the new limit, and is asked for by everybody else as such."""
    tenant.apply(quota_catalog(calls={"limit": "10"}))
    said = {"tenantId": "acme", "resourceType": "calls", "limit": "25", "reason": "promised"}
    assert one(tenant, "tenant-management", "QuotaDefinition", said)["status"] == "done"
    usage = tenant.ask("GET", "/v1/quota/usage", params={"account": "acme"}).json()
    assert [each["limit"] for each in usage["quotas"]] == ["25"]


def test_an_item_that_was_broken_off_goes_on_by_itself(served: Served, tenant: Tenant) -> None:
    """Begun again by its feed and kind, and done as it was; nothing is granted twice."""
    tenant.apply(quota_catalog(calls={"limit": "10"}))
    said = {"tenantId": "acme", "resourceType": "calls", "limit": "25", "reason": "promised"}
    first = one(tenant, "tenant-management", "QuotaDefinition", said)
    break_off(served, tenant)
    wait_until(lambda: listed(tenant)[0]["state"] == "done", waiting_for="it", seconds_max=30)
    (kept,) = listed(tenant)
    assert (kept["outcome"], kept["tries"]) == (first["outcome"], 2)


def test_costs_are_kept_as_they_were_said(tenant: Tenant) -> None:
    """Each is listed with its data; wrong ones are refused, and an unknown tenant too."""
    tenant.apply(CATALOG)
    assert one(tenant, "platform-cost", "InfrastructureCost", COST)["status"] == "done"
    (kept,) = listed(tenant, kind="platform-cost/InfrastructureCost")
    said = {name: kept["data"][name] for name in COST}
    assert said == COST
    for number, (wrong, code) in enumerate(
        (
            ({"amount": "-1"}, "wrong_value"),
            ({"amount": 1.5}, "wrong_value"),
            ({"periodEnd": COST["periodStart"]}, "wrong_value"),
            ({"periodStart": "2026-03-01T00:00:00"}, "wrong_value"),
            ({"efficiencyPercent": "100.1"}, "wrong_value"),
            ({"tenantId": "nobody"}, "unknown_account"),
        )
    ):
        item = event("InfrastructureCost", COST | wrong, id=f"w-{number}")
        (result,) = send(tenant, "platform-cost", item).json()["results"]
        assert result["problems"][0]["code"] == code, result


def test_insights_and_anomalies_go_both_ways(tenant: Tenant) -> None:
    """What others found is told to whoever reads the feed, once each."""
    tenant.apply(quota_catalog(calls={"limit": "10"}))
    found = {"tenantId": "acme", "resourceType": "calls"}
    trend = event("UsageInsight", found | {"insight": "trend", "message": "grows by a tenth"})
    odd = event("UsageAnomaly", found | {"reason": "40 times the usual"}, id="e-2")
    for _ in range(2):
        assert send(tenant, "analytics", trend, odd).status_code == 200
    kinds = [each["kind"] for each in told(tenant, "analytics")["items"]]
    assert sorted(kinds) == ["usage.insight", "usage_anomaly_detected"]


def test_a_feed_takes_its_own_kinds_from_those_who_may(served: Served, tenant: Tenant) -> None:
    """Other kinds, other scopes and unknown feeds are refused; nothing is kept of them."""
    tenant.apply(CATALOG)
    _, watcher = tenant.make_key("quota")
    cost = event("InfrastructureCost", COST)
    for feed, token, code in (
        ("analytics", None, "not_found"),
        ("feature-toggles", None, "not_found"),
        ("platform-cost", watcher, "forbidden"),
    ):
        answer = send(tenant, feed, cost, token=token)
        assert answer.status_code == 422
        assert answer.json()["results"][0]["problems"][0]["code"] == code
    assert refused(send(tenant, "x", cost)) == (404, "not_found")
    assert listed(tenant) == []
    assert listed(served.tenant()) == []

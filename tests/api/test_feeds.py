"""Feeds over HTTP: what happened in an order that readers may rely on, and what stands now."""

from concurrent.futures import ThreadPoolExecutor
from typing import Any

import psycopg
import pytest

from tests.api.test_quotas import ask
from tests.api.test_quotas import catalog as quota_catalog
from tests.api.test_subscriptions import CATALOG
from tests.api.test_triggers import UPGRADE, done, refused, start
from tests.serving import Served, Tenant

Json = Any
FEEDS = ("tenant-management", "platform-cost", "feature-toggles", "analytics", "customer-success")


def told(tenant: Tenant, feed: str, **query: str) -> Json:
    """Return a page of what a feed tells."""
    answer = tenant.ask("GET", f"/v1/feeds/{feed}", params=query)
    assert answer.status_code == 200, answer.text
    return answer.json()


def standing(tenant: Tenant, feed: str, kind: str, **query: str) -> Json:
    """Return a page of one kind of what stands."""
    answer = tenant.ask("GET", f"/v1/feeds/{feed}/{kind}", params=query)
    assert answer.status_code == 200, answer.text
    return answer.json()


def near_a_limit(tenant: Tenant, *, used: str = "85") -> None:
    """Let acme use so much of 100 tokens, beyond which the plan team is offered."""
    overage = {"action": "charge", "offer": True, "upgrade_to": "pro"}
    tenant.apply(quota_catalog(tokens={"limit": "100", "overage": overage}))
    ask(tenant, "consume", "tokens", source="s", id="t", quantity=used)


def test_what_happened_is_told_in_order_and_once(tenant: Tenant) -> None:
    """Alerts, then a change of plan: each feed tells its own; behind the last number nothing."""
    near_a_limit(tenant)
    ask(tenant, "consume", "tokens", source="s", id="u", quantity="10")
    first = told(tenant, "tenant-management")
    assert [one["kind"] for one in first["items"]] == ["UsageThresholdBreached"] * 2
    assert [one["data"]["percent"] for one in first["items"]] == ["85.0", "95.0"]
    assert first["more"] is False
    after = str(first["next_after"])
    assert told(tenant, "tenant-management", after=after)["items"] == []
    ask(tenant, "consume", "tokens", source="s", id="v", quantity="5")
    later = told(tenant, "tenant-management", after=after)["items"]
    assert [one["data"]["percent"] for one in later] == ["100.0"]
    assert told(tenant, "feature-toggles")["items"] == []


def test_pages_follow_each_other(tenant: Tenant) -> None:
    """One by one the same as at once."""
    near_a_limit(tenant)
    for number in ("5", "10"):
        ask(tenant, "consume", "tokens", source="s", id=number, quantity=number)
    whole = told(tenant, "analytics")["items"]
    pages, after = list[Json](), "0"
    while (page := told(tenant, "analytics", after=after, limit="1"))["items"]:
        pages += page["items"]
        after = str(page["next_after"])
    assert pages == whole
    assert len(whole) == 3


def test_nothing_appears_behind_a_reader(served: Served, tenant: Tenant) -> None:
    """What a long transaction put first and committed last is told after what was read."""
    near_a_limit(tenant)
    address = served.cluster.address("postgres", served.database)
    with psycopg.connect(address) as slow:
        slow.execute(
            "INSERT INTO outbox (workspace_id, id, topic, payload, trace_id, next_attempt_at,"
            " created_at) VALUES (%s, 'late', 'PlanMigrated', '{}', '', now(), '2026-01-01Z')",
            [tenant.workspace],
        )
        before = told(tenant, "tenant-management")
        assert [one["id"] for one in before["items"]] != ["late"]
    behind = told(tenant, "tenant-management", after=str(before["next_after"]))
    assert [one["id"] for one in behind["items"]] == ["late"]


def test_readers_at_one_time_see_one_order(tenant: Tenant) -> None:
    """Eight that read at once are told the same numbers."""
    near_a_limit(tenant)
    with ThreadPoolExecutor(8) as readers:
        pages = list(readers.map(lambda _: told(tenant, "analytics"), range(8)))
    assert all(page == pages[0] for page in pages)
    assert len(pages[0]["items"]) == 1


def test_an_offer_is_told_to_customer_success(tenant: Tenant) -> None:
    """The trigger's offer, with its trace; and a change of plan once it is agreed on."""
    near_a_limit(tenant)
    near = {"tenantId": "acme", "resourceType": "tokens"}
    done(start(tenant, "usage_threshold_approaching", near))
    items = {one["kind"]: one for one in told(tenant, "customer-success")["items"]}
    offer = items["upgrade.offered"]
    assert (offer["data"]["plan"], offer["data"]["percent"]) == ("pro", "85.0")
    assert offer["data"]["traceId"] == offer["trace_id"] != ""


def test_consumption_and_risk_stand_as_counters_do(tenant: Tenant) -> None:
    """What is used, and from 80 % on the risk with what is offered."""
    near_a_limit(tenant, used="79")
    (used,) = standing(tenant, "platform-cost", "TenantConsumption")["items"]
    assert (used["tenantId"], used["resourceType"], used["used"]) == ("acme", "tokens", "79")
    assert used["windowStart"] < used["windowEnd"]
    assert standing(tenant, "customer-success", "OverageRisk")["items"] == []
    ask(tenant, "consume", "tokens", source="s", id="u", quantity="1")
    (risk,) = standing(tenant, "customer-success", "OverageRisk")["items"]
    names = ("tenantId", "used", "limit", "percent", "beyond", "upgradeTo")
    assert [risk[name] for name in names] == ["acme", "80", "100", "80.0", "charge", "pro"]


def test_plans_and_metrics_stand_in_pages(tenant: Tenant) -> None:
    """What plans grant, by feature; what tenants with a contract used, in their document."""
    grants = {"tokens": {"limit": "100"}, "sso": {}, "users": {"limit": "5"}}
    tenant.apply(quota_catalog(**grants))
    (plan,) = standing(tenant, "feature-toggles", "PlanFeatures")["items"]
    granted = {one["feature"]: (one["enabled"], one["limit"]) for one in plan["features"]}
    assert (plan["plan"], plan["version"]) == ("pro", 1)
    assert granted == {"tokens": (True, "100"), "sso": (True, None), "users": (True, "5")}
    other = {"key": "idle", "name": "Idle", "zone": "UTC", "currency": "EUR", "invoiced": True}
    tenant.apply({"accounts": [other]})
    seen, cursor = list[str](), ""
    while True:
        query = {"limit": "1", **({"cursor": cursor} if cursor else {})}
        page = standing(tenant, "analytics", "UsageMetrics", **query)
        assert page["passed_over"] == []
        seen += [one["tenant_id"] for one in page["items"]]
        cursor = page["next_cursor"]
        if not cursor:
            break
    assert seen == ["acme"]


def test_a_change_of_plan_is_told_to_toggles(tenant: Tenant) -> None:
    """Agreed on by a trigger: the feeds that want it tell it."""
    tenant.apply(CATALOG)
    done(start(tenant, "plan_upgrade_requested", UPGRADE))
    for feed in ("feature-toggles", "tenant-management", "customer-success"):
        (item,) = told(tenant, feed)["items"]
        assert (item["kind"], item["data"]["toPlan"]) == ("PlanMigrated", "team")


@pytest.mark.parametrize("feed", FEEDS)
def test_each_kind_of_a_feed_has_a_schema(tenant: Tenant, feed: str) -> None:
    """The list says what a feed tells, its schema describes each of it."""
    listed = {one["name"]: one for one in tenant.ask("GET", "/v1/feeds").json()}
    schema = tenant.ask("GET", listed[feed]["schema"]).json()
    assert set(schema["told"]) == set(listed[feed]["told"])
    assert set(schema["standing"]) == set(listed[feed]["standing"])
    assert set(schema["taken"]) == set(listed[feed]["taken"])
    for kind in (*schema["told"].values(), *schema["standing"].values(), *schema["taken"].values()):
        assert "$ref" in kind or kind["properties"]


def test_feeds_are_for_the_whole_workspace_and_its_alone(served: Served, tenant: Tenant) -> None:
    """Keys of an account and keys that may not read are refused; others' news are not told."""
    near_a_limit(tenant)
    assert told(served.tenant(), "analytics")["items"] == []
    _, own = tenant.make_key("read", account="acme")
    _, blind = tenant.make_key("ingest")
    for token in (own, blind):
        for path in ("/v1/feeds/analytics", "/v1/feeds/platform-cost/TenantConsumption"):
            assert refused(tenant.ask("GET", path, token=token)) == (403, "forbidden")
    for path in ("/v1/feeds/x", "/v1/feeds/analytics/x", "/v1/schemas/feeds/x"):
        assert refused(tenant.ask("GET", path)) == (404, "not_found")

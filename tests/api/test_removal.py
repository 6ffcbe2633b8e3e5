"""Usage is removed: bills, levels and counters stay what they were, and nothing counts twice."""

from collections.abc import Mapping
from datetime import UTC, datetime, timedelta
from typing import Any

import httpx
import psycopg
import pytest

from tests.serving import Served, Tenant
from tests.waiting import wait_until

NOW = datetime.now(UTC)


def month(back: int) -> datetime:
    """Return the first instant of a month so many months before this one."""
    count = NOW.year * 12 + NOW.month - 1 - back
    return datetime(count // 12, count % 12 + 1, 1, tzinfo=UTC)


METERS = [
    {"key": "calls", "event_type": "call", "aggregation": "count", "unit": "call"},
    {
        "key": "disk",
        "event_type": "disk",
        "aggregation": "time_weighted",
        "value": "v",
        "unit": "GB",
    },
    {"key": "rx", "event_type": "rx", "aggregation": "counter", "value": "v", "unit": "byte"},
]
PRICES = [
    {"key": key, "model": "unit", "meter": key, "unit": unit, "unit_price": "0.01"}
    for key, unit in (("calls", "call"), ("disk", "GB.hour"), ("rx", "byte"))
]
CATALOG = {
    "legal_entities": [
        {
            "key": "main",
            "name": "Example",
            "country": "DE",
            "zone": "UTC",
            "currency": "EUR",
            "series_prefix": "R",
        }
    ],
    "meters": METERS,
    "plans": [
        {
            "key": "p",
            "version": 1,
            "name": "P",
            "currency": "EUR",
            "interval": "month",
            "alignment": "calendar",
            "prices": PRICES,
        }
    ],
    "accounts": [
        {"key": "acme", "name": "Acme", "zone": "UTC", "currency": "EUR", "invoiced": True},
        {"key": "held", "name": "Held", "zone": "UTC", "currency": "EUR", "invoiced": True},
    ],
    "subscriptions": [
        {
            "key": f"{account}-p",
            "account": account,
            "plan": "p",
            "version": 1,
            "legal_entity": "main",
            "start": month(4).date().isoformat(),
        }
        for account in ("acme", "held")
    ],
}


def used(event_id: str, at: datetime, type_: str = "call", **rest: object) -> dict[str, object]:
    """Return an event of acme's."""
    return {"id": event_id, "time": at.isoformat(), "type": type_, "subject": "acme", **rest}


EVENTS = [
    used("c1", month(4) + timedelta(days=3)),
    used("c2", month(4) + timedelta(days=4)),
    used("c3", month(3) + timedelta(days=5)),
    used("c4", month(0)),
    used("h1", month(4) + timedelta(days=3), subject="held"),
    used("d1", month(4) + timedelta(days=2), "disk", data={"v": 5}),
    used("d2", month(4) + timedelta(days=9), "disk", data={"v": 7}),
    used("r1", month(4) + timedelta(days=1), "rx", data={"v": 100}),
    used("r2", month(4) + timedelta(days=8), "rx", data={"v": 160}),
    used("r3", month(0), "rx", data={"v": 200}),
]


def asked(tenant: Tenant, method: str, path: str, **rest: Any) -> Any:  # noqa: ANN401 - any JSON
    """Return what is answered to a request that must be taken, when nothing else is under way."""
    found: list[httpx.Response] = []

    def answered() -> bool:
        found.append(tenant.ask(method, path, timeout=120, **rest))
        busy = found[-1].status_code == httpx.codes.SERVICE_UNAVAILABLE
        return not busy and '"reconciliation_runs"' not in found[-1].text

    wait_until(answered, seconds_max=60, waiting_for=path)
    assert found[-1].is_success, found[-1].text
    return found[-1].json()


def running(tenant: Tenant) -> Mapping[str, str]:
    """Return what each meter comes to from the month that runs."""
    query = {"start": month(0).isoformat(), "end": (month(0) + timedelta(days=1)).isoformat()}
    return {
        meter["key"]: asked(tenant, "GET", "/v1/usage", params={"meter": meter["key"], **query})[
            "items"
        ][0]["quantity"]
        for meter in METERS
    }


def bill(tenant: Tenant) -> list[str]:
    """Bill what is due and return the ids of the documents, of which no account may be parked."""
    report = asked(tenant, "POST", "/v1/invoices/run", json={})
    assert report["parked"] == [], report
    return [str(each) for each in report["issued"]]


def removed(tenant: Tenant) -> list[dict[str, Any]]:
    """Remove what may go and return what went, by type."""
    answer = asked(tenant, "POST", "/v1/retention/removals")
    types: list[dict[str, Any]] = answer["types"]
    return types


def age_rules(served: Served, tenant: Tenant) -> None:
    """Let the rules of a workspace have stood for a day."""
    address = served.cluster.address("postgres", served.database)
    with psycopg.connect(address) as connection:
        connection.execute(
            "UPDATE retention_rule SET set_at = set_at - interval '1 day' WHERE workspace_id = %s",
            [tenant.workspace],
        )


@pytest.fixture
def billed(served: Served, tenant: Tenant) -> Tenant:
    """Lend a workspace that is billed up to this month, with a rule of 40 days that stands."""
    tenant.apply(CATALOG)
    last = tenant.send(*EVENTS)["last_position"]
    wait_until(
        lambda: asked(tenant, "GET", "/v1/pipeline")["flow"]["projection_position"] >= last,
        seconds_max=60,
        waiting_for="the projection",
    )
    bill(tenant)
    asked(tenant, "POST", "/v1/retention/rules", json={"event_type": "*", "days": 40})
    age_rules(served, tenant)
    return tenant


def forget_the_end(served: Served, tenant: Tenant) -> None:
    """Leave removals as if the owner had ended before it noted that they were carried out."""
    address = served.cluster.address("postgres", served.database)
    with psycopg.connect(address) as connection:
        connection.execute(
            "UPDATE retention_removal SET finished_at = NULL WHERE workspace_id = %s",
            [tenant.workspace],
        )


def compared(tenant: Tenant, run: str) -> Any:  # noqa: ANN401 - any JSON
    """Return what a comparison came to, once it ended."""
    path = f"/v1/reconciliations/{run}"
    wait_until(
        lambda: asked(tenant, "GET", path)["state"] != "running",
        seconds_max=60,
        waiting_for="the comparison",
    )
    return asked(tenant, "GET", path)


def test_bills_stand_after_their_events_are_gone(served: Served, billed: Tenant) -> None:
    """Invoices verify from what was sealed; nothing is due; levels and counters go on."""
    asked(billed, "POST", "/v1/retention/holds", json={"reason": "case 7", "account": "held"})
    before = running(billed)
    plan = asked(billed, "GET", "/v1/retention/plan")
    expected = {"call": 3, "disk": 1, "rx": 1}
    assert {each["event_type"]: each["events"] for each in plan["types"]} == expected
    gone = removed(billed)
    assert {each["event_type"]: each["events"] for each in gone} == expected
    forget_the_end(served, billed)
    assert removed(billed) == []
    assert running(billed) == before
    assert bill(billed) == []
    levels = set()
    for invoice in asked(billed, "GET", "/v1/invoices")["items"]:
        path = f"/v1/invoices/{invoice['id']}"
        verified = asked(billed, "POST", f"{path}/verify")
        levels.add((invoice["period_start"][:10], verified["proof_level"]))
    first = month(4).date().isoformat()
    assert {level for day, level in levels if day == first} >= {"sealed aggregates"}
    assert {level for day, level in levels if day == month(1).date().isoformat()} == {"events"}


def test_documents_look_the_same_when_their_events_are_gone(billed: Tenant) -> None:
    """Usage by day is sealed with the bills: page and PDF keep their bytes, charts and all."""
    paths = [
        f"/v1/invoices/{invoice['id']}/document?format={form}"
        for invoice in asked(billed, "GET", "/v1/invoices")["items"]
        for form in ("html", "pdf")
    ]
    before = {path: billed.ask("GET", path).content for path in paths}
    assert sum(page.count(b"Usage on each day") for page in before.values()) > 4
    assert removed(billed)
    assert {path: billed.ask("GET", path).content for path in paths} == before


def test_what_was_removed_is_neither_told_nor_counted_again(billed: Tenant) -> None:
    """A question into removed time is refused; a repeat is a duplicate, a new event too old."""
    removed(billed)
    query = {"start": month(4).isoformat(), "end": month(3).isoformat(), "meter": "calls"}
    refused = billed.ask("GET", "/v1/usage", params=query)
    assert refused.json()["code"] == "usage_removed", refused.text
    again = billed.send(EVENTS[0], {**EVENTS[0], "id": "c9"}, {**EVENTS[0], "data": {"v": 9}})
    assert again["duplicate"] == 1
    assert [each["code"] for each in again["results"]] == ["too_old", "too_old"]
    known = billed.send(used("c1", NOW), used("new", NOW))
    assert (known["accepted"], known["conflict"]) == (1, 1)


def test_unbilled_time_is_not_removed(served: Served, tenant: Tenant) -> None:
    """Where a period was not issued, and where a rule is new, nothing goes; the plan says why."""
    tenant.apply(CATALOG)
    tenant.send(*EVENTS)
    asked(tenant, "POST", "/v1/retention/rules", json={"event_type": "*", "days": 40})
    fresh = asked(tenant, "GET", "/v1/retention/plan")
    assert {one["code"] for each in fresh["types"] for one in each["obstacles"]} >= {"rule_too_new"}
    age_rules(served, tenant)
    plan = asked(tenant, "GET", "/v1/retention/plan")
    assert {one["code"] for each in plan["types"] for one in each["obstacles"]} >= {"not_issued"}
    assert [each["events"] for each in plan["types"]] == [0, 0, 0]
    assert removed(tenant) == []


def test_a_comparison_finds_nothing_wrong_with_removed_time(billed: Tenant) -> None:
    """Log, projection, roll-ups and invoices agree after a removal."""
    removed(billed)
    begun = asked(billed, "POST", "/v1/reconciliations", json={"repair": False})
    ended = compared(billed, begun["id"])
    assert ended["state"] == "done", ended
    assert ended["report"]["found"] == 0, str(ended["report"])[:3000]


def test_personal_texts_go_with_their_usage(served: Served, tenant: Tenant) -> None:
    """What was personal in removed events is destroyed; what was used since stays."""
    paths = {"event_type": "call", "paths": ["who"]}
    tenant.apply({**CATALOG, "personal_data": [paths]})
    old = used("c1", month(4) + timedelta(days=3), data={"who": "jane"})
    new = used("c2", month(0), data={"who": "joe"})
    last = tenant.send(old, new)["last_position"]
    wait_until(
        lambda: asked(tenant, "GET", "/v1/pipeline")["flow"]["projection_position"] >= last,
        seconds_max=60,
        waiting_for="the projection",
    )
    bill(tenant)
    asked(tenant, "POST", "/v1/retention/rules", json={"event_type": "*", "days": 40})
    age_rules(served, tenant)
    (before,) = asked(tenant, "GET", "/v1/personal-data")["items"]
    assert sum(each["events"] for each in removed(tenant)) == 1
    (after,) = asked(tenant, "GET", "/v1/personal-data")["items"]
    assert (before["values"], after["values"]) == (2, 1)

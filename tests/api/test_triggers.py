"""Triggers over HTTP: each runs once, whatever is sent again, and keeps its outcome."""

from collections.abc import Mapping
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import httpx
import psycopg
import pytest

from tests.api.test_facts import TRACE, TRACED, facts
from tests.api.test_quotas import ask
from tests.api.test_quotas import catalog as quota_catalog
from tests.api.test_subscriptions import CATALOG
from tests.serving import Served, Tenant
from tests.waiting import wait_until

Json = Any
UPGRADE: Json = {"subscriptionId": "acme-basic", "plan": "team", "version": 1}


def start(
    tenant: Tenant, kind: str, data: Json, *, id: str = "t-1", token: str | None = None
) -> httpx.Response:
    """Start a workflow by a call."""
    headers = {**TRACED, "idempotency-key": id}
    return tenant.ask("POST", f"/v1/triggers/{kind}", json=data, headers=headers, token=token)


def done(answer: httpx.Response) -> Json:
    """Return the answer of a trigger that was done."""
    assert answer.status_code == 200, answer.text
    return answer.json()


def refused(answer: httpx.Response) -> tuple[int, str]:
    """Return with which status and code a trigger was refused."""
    return answer.status_code, str(answer.json()["code"])


def listed(tenant: Tenant, **query: str) -> list[Json]:
    """Return the triggers of a workspace, the latest first."""
    answer = tenant.ask("GET", "/v1/triggers", params=query)
    assert answer.status_code == 200, answer.text
    return list(answer.json()["items"])


def event(kind: str, data: Mapping[str, object], **attributes: object) -> Json:
    """Return a trigger as a CloudEvent."""
    base = {"specversion": "1.0", "id": "e-1", "source": "crm", "type": kind}
    return base | {"data": data} | attributes


def send(tenant: Tenant, body: Json, *, form: str = "cloudevents") -> httpx.Response:
    """Send a trigger as a CloudEvent in structured mode, or many as a batch."""
    headers = {**TRACED, "content-type": f"application/{form}+json"}
    return tenant.ask("POST", "/v1/triggers", json=body, headers=headers)


def forget_outcomes(served: Served, tenant: Tenant) -> None:
    """Leave triggers as a process does that dies before it keeps what came of them."""
    with psycopg.connect(served.cluster.address("postgres", served.database)) as connection:
        connection.execute(
            "UPDATE workflow_trigger SET outcome = NULL, decided_at = NULL"
            " WHERE workspace_id = %s AND outcome IS NOT NULL",
            [tenant.workspace],
        )


def break_off(served: Served, tenant: Tenant, *, tries: int = 1) -> None:
    """Leave triggers as a process does that died in their middle, and was started again."""
    forget_outcomes(served, tenant)
    with psycopg.connect(served.cluster.address("postgres", served.database)) as connection:
        connection.execute(
            "UPDATE workflow_trigger SET begun_at = now() - interval '9 hours', tries = %s"
            " WHERE workspace_id = %s",
            [tries, tenant.workspace],
        )


def changes(tenant: Tenant) -> list[Json]:
    """Return what was agreed on of the contract."""
    answer = tenant.ask("GET", "/v1/subscriptions/acme-basic/changes")
    assert answer.status_code == 200, answer.text
    return list(answer.json())


def restrictions(served: Served, tenant: Tenant) -> list[tuple[str, str | None]]:
    """Return who restricted which feature; None: all."""
    with psycopg.connect(served.cluster.address("postgres", served.database)) as connection:
        rows = connection.execute(
            "SELECT source, feature FROM restriction WHERE workspace_id = %s", [tenant.workspace]
        )
        return [(row[0], row[1]) for row in rows]


def invoice(tenant: Tenant) -> str:
    """Bill what is due and return the id of the document."""
    tenant.apply(CATALOG)
    assert tenant.ask("POST", "/v1/invoices/run", json={}).status_code == 200
    (found,) = tenant.ask("GET", "/v1/invoices").json()["items"]
    return str(found["id"])


def test_an_upgrade_is_agreed_on_once(served: Served, tenant: Tenant) -> None:
    """Now, with its money; sent again it answers the same, and other content is a conflict."""
    tenant.apply(CATALOG)
    first = done(start(tenant, "plan_upgrade_requested", UPGRADE))
    assert (first["outcome"]["direction"], first["repeated"]) == ("upgrade", False)
    again = done(start(tenant, "plan_upgrade_requested", UPGRADE))
    assert (again["outcome"], again["repeated"]) == (first["outcome"], True)
    other = start(tenant, "plan_upgrade_requested", UPGRADE | {"plan": "basic"})
    assert refused(other) == (409, "trigger_conflict")
    (fact,) = facts(served, tenant, "PlanMigrated")
    assert (fact["toPlan"], fact["traceId"]) == ("team", TRACE)
    assert len(changes(tenant)) == 1


def test_many_senders_of_one_trigger_have_one_effect(served: Served, tenant: Tenant) -> None:
    """Eight at once: all are told the same outcome, one change stands."""
    tenant.apply(CATALOG)
    with ThreadPoolExecutor(8) as senders:
        answers = list(
            senders.map(lambda _: done(start(tenant, "plan_upgrade_requested", UPGRADE)), range(8))
        )
    assert len({one["outcome"]["change"] for one in answers}) == 1
    assert sum(not one["repeated"] for one in answers) == 1
    assert len(facts(served, tenant, "PlanMigrated")) == 1
    assert len(changes(tenant)) == 1


def test_what_was_broken_off_goes_on_by_itself(served: Served, tenant: Tenant) -> None:
    """Its process died: it is begun again in the name of who sent it, with no second effect."""
    tenant.apply(CATALOG)
    agreed = done(start(tenant, "plan_upgrade_requested", UPGRADE, id="u"))
    billed = done(start(tenant, "billing_cycle_started", {}, id="b"))
    break_off(served, tenant)
    wait_until(
        lambda: {one["state"] for one in listed(tenant)} == {"done"},
        waiting_for="both workflows",
        seconds_max=30,
    )
    kinds = ["billing_cycle_started", "plan_upgrade_requested"]
    found = listed(tenant)
    assert [(one["kind"], one["tries"]) for one in found] == [(kind, 2) for kind in kinds]
    assert [one["outcome"] for one in found] == [billed["outcome"], agreed["outcome"]]
    assert len(changes(tenant)) == 1
    (kept,) = listed(tenant, kind="billing_cycle_started")
    assert kept["id"] == "b"


def test_what_breaks_off_each_time_has_failed(served: Served, tenant: Tenant) -> None:
    """After six tries it is begun no more and says so; sent again it goes on."""
    tenant.apply(CATALOG)
    done(start(tenant, "plan_upgrade_requested", UPGRADE, id="u"))
    break_off(served, tenant, tries=6)
    wait_until(
        lambda: listed(tenant)[0]["state"] == "failed", waiting_for="its end", seconds_max=30
    )
    (problem,) = listed(tenant)[0]["problems"]
    assert (problem["code"], "6 times" in problem["message"]) == ("gave_up", True)
    again = done(start(tenant, "plan_upgrade_requested", UPGRADE, id="u"))
    assert (again["state"], again["tries"], len(changes(tenant))) == ("done", 1, 1)


def test_what_was_broken_off_goes_on(served: Served, tenant: Tenant) -> None:
    """Ended before the outcome was kept: sent again, no step has a second effect."""
    said = {"invoiceId": invoice(tenant), "reason": "card declined", "restrict": True}
    failed = done(start(tenant, "payment_failed", said, id="f"))
    agreed = done(start(tenant, "plan_upgrade_requested", UPGRADE, id="u"))
    forget_outcomes(served, tenant)
    assert [one["state"] for one in listed(tenant)] == ["open", "open"]
    assert done(start(tenant, "payment_failed", said, id="f"))["outcome"] == failed["outcome"]
    again = done(start(tenant, "plan_upgrade_requested", UPGRADE, id="u"))
    assert (again["outcome"], again["repeated"]) == (agreed["outcome"], False)
    assert restrictions(served, tenant) == [("dunning", None)]
    assert len(facts(served, tenant, "PaymentFailed")) == 1
    assert len(facts(served, tenant, "PlanMigrated")) == len(changes(tenant)) == 1


def test_a_downgrade_waits_for_the_period(tenant: Tenant) -> None:
    """Agreed on for the end of what was paid; nothing is given back."""
    larger = CATALOG | {"subscriptions": [CATALOG["subscriptions"][0] | {"plan": "team"}]}
    tenant.apply(larger)
    smaller = UPGRADE | {"plan": "basic"}
    outcome = done(start(tenant, "plan_downgrade_requested", smaller))["outcome"]
    assert (outcome["direction"], outcome["credit"]) == ("downgrade", "0.00")
    assert outcome["effectiveAt"] > listed(tenant)[0]["received_at"]


def test_the_other_direction_is_refused_and_uses_up_no_id(tenant: Tenant) -> None:
    """A downgrade that costs more is refused and listed; the same id may say something else."""
    tenant.apply(CATALOG)
    wrong = start(tenant, "plan_downgrade_requested", UPGRADE)
    assert refused(wrong) == (422, "wrong_direction")
    (kept,) = listed(tenant)
    assert (kept["state"], kept["problems"][0]["code"]) == ("refused", "wrong_direction")
    assert changes(tenant) == []
    done(start(tenant, "plan_upgrade_requested", UPGRADE))
    assert [(one["kind"], one["state"]) for one in listed(tenant)] == [
        ("plan_upgrade_requested", "done")
    ]


def test_a_failed_payment_is_told_and_restricts_only_where_asked(
    served: Served, tenant: Tenant
) -> None:
    """Fields and trace of the fact; without `restrict` the payer keeps what he has."""
    said = {"invoiceId": invoice(tenant), "reason": "card declined", "retryCount": 2}
    outcome = done(start(tenant, "payment_failed", said))["outcome"]
    assert outcome == {"tenantId": "acme", "retryCount": 2, "restriction": None}
    (fact,) = facts(served, tenant, "PaymentFailed")
    told = {name: fact[name] for name in ("tenantId", "invoiceId", "reason", "retryCount")}
    assert told == {"tenantId": "acme", **said}
    assert (fact["traceId"], fact["_trace"]) == (TRACE, TRACE)
    assert restrictions(served, tenant) == []
    unknown = start(tenant, "payment_failed", said | {"invoiceId": "inv_none"}, id="t-2")
    assert refused(unknown) == (404, "unknown_invoice")


def test_no_card_number_is_kept_in_a_reason(tenant: Tenant) -> None:
    """A declined card named in the reason is refused, not told back, and not listed."""
    data = {"invoiceId": "inv_1", "reason": "4111 1111 1111 1111 declined"}
    answer = start(tenant, "payment_failed", data)
    assert refused(answer) == (422, "card_number")
    send(tenant, event("payment_failed", data))
    assert "4111" not in answer.text + str(listed(tenant))


def test_a_billing_cycle_issues_what_is_due(served: Served, tenant: Tenant) -> None:
    """One document with the trace of the trigger; another cycle finds nothing due."""
    tenant.apply(CATALOG)
    first = done(start(tenant, "billing_cycle_started", {"tenantId": "acme"}))["outcome"]
    assert len(first["issued"]) == 1
    (fact,) = facts(served, tenant, "InvoiceGenerated")
    assert (fact["invoiceId"], fact["traceId"]) == (first["issued"][0], TRACE)
    assert done(start(tenant, "billing_cycle_started", {}, id="t-2"))["outcome"]["issued"] == []
    nobody = start(tenant, "billing_cycle_started", {"tenantId": "nobody"}, id="t-3")
    assert refused(nobody) == (404, "unknown_account")


def test_a_limit_that_is_near_is_told_and_an_upgrade_offered(
    served: Served, tenant: Tenant
) -> None:
    """Below the first threshold nothing; above it the alert that stands, and the offer once."""
    overage = {"action": "block", "offer": True, "upgrade_to": "pro"}
    tenant.apply(quota_catalog(tokens={"limit": "10", "overage": overage}))
    near = {"tenantId": "acme", "resourceType": "tokens"}
    ask(tenant, "consume", "tokens", source="s", id="c", quantity="7")
    early = done(start(tenant, "usage_threshold_approaching", near))["outcome"]
    assert (early["percent"], early["alert"], early["offer"]) == ("70.0", None, None)
    ask(tenant, "consume", "tokens", source="s", id="d", quantity="1")
    late = done(start(tenant, "usage_threshold_approaching", near, id="t-2"))["outcome"]
    assert (late["percent"], late["offer"]) == ("80.0", "pro")
    (breached,) = facts(served, tenant, "UsageThresholdBreached")
    assert late["alert"] == breached["alertId"]
    start(tenant, "usage_threshold_approaching", near, id="t-2")
    (offer,) = put(served, tenant, "upgrade.offered")
    names = ("tenantId", "resourceType", "percent", "plan")
    assert [offer[name] for name in names] == ["acme", "tokens", "80.0", "pro"]
    unlimited = start(tenant, "usage_threshold_approaching", near | {"resourceType": "x"}, id="t-3")
    assert refused(unlimited) == (404, "unknown_limit")


def put(served: Served, tenant: Tenant, topic: str) -> list[Json]:
    """Return what was put into the outbox of a topic."""
    with psycopg.connect(served.cluster.address("postgres", served.database)) as connection:
        rows = connection.execute(
            "SELECT payload FROM outbox WHERE workspace_id = %s AND topic = %s",
            [tenant.workspace, topic],
        )
        return [row[0] for row in rows]


def test_an_anomaly_restricts_by_those_who_may(served: Served, tenant: Tenant) -> None:
    """A key of the watchers opens an investigation; only one for billing holds an account back."""
    tenant.apply(quota_catalog(calls={"limit": "10"}))
    said = {"tenantId": "acme", "resourceType": "calls", "reason": "40 times the usual"}
    evidence = {"evidence": {"usual": "100", "seen": "4000"}}
    _, watcher = tenant.make_key("quota")
    opened = start(tenant, "usage_anomaly_detected", said | evidence, token=watcher)
    (fact,) = put(served, tenant, "usage_anomaly_detected")
    assert fact["investigationId"] == done(opened)["outcome"]["investigation"]
    assert (fact["evidence"], fact["traceId"]) == (evidence["evidence"], TRACE)
    strict = said | {"restrict": True}
    denied = start(tenant, "usage_anomaly_detected", strict, id="t-2", token=watcher)
    assert refused(denied) == (403, "forbidden")
    assert restrictions(served, tenant) == []
    done(start(tenant, "usage_anomaly_detected", strict, id="t-2"))
    assert restrictions(served, tenant) == [("protection", "calls")]


def test_events_start_workflows_as_calls_do(served: Served, tenant: Tenant) -> None:
    """Structured, binary and in a batch, under the identity of the event, each once."""
    tenant.apply(CATALOG)
    structured = event("plan_upgrade_requested", UPGRADE)
    assert send(tenant, structured).json()["results"][0]["status"] == "done"
    binary = {f"ce-{name}": value for name, value in structured.items() if name != "data"}
    as_call = tenant.ask("POST", "/v1/triggers", json=UPGRADE, headers=binary)
    assert as_call.json()["results"][0]["status"] == "repeated", as_call.text
    other = event("billing_cycle_started", {})
    batch = send(
        tenant,
        [structured, other, other | {"id": "e-2"}, {"id": "e-3"}],
        form="cloudevents-batch",
    )
    assert batch.status_code == 200
    results = [(one["id"], one["status"]) for one in batch.json()["results"]]
    assert results == [
        ("e-1", "repeated"), ("e-1", "conflict"), ("e-2", "done"), ("e-3", "rejected")
    ]  # fmt: skip
    assert len(facts(served, tenant, "PlanMigrated")) == 1


def test_what_is_no_trigger_is_told_so(tenant: Tenant) -> None:
    """An unknown type, missing or unknown members, too many, no JSON: nothing is kept of it."""
    for body, code in (
        (event("usage.recorded", {}), "unknown_trigger"),
        (event("payment_failed", {"invoiceId": "x"}), "wrong_value"),
        (event("payment_failed", {"invoiceId": "x", "reason": "r", "more": 1}), "wrong_value"),
        (event("payment_failed", {}, source="tallystick:api"), "reserved"),
    ):
        answer = send(tenant, body)
        assert answer.status_code == 422
        assert answer.json()["results"][0]["problems"][0]["code"] == code, answer.text
    many = [event("billing_cycle_started", {}, id=str(number)) for number in range(21)]
    assert refused(send(tenant, many, form="cloudevents-batch")) == (400, "malformed")
    assert refused(send(tenant, event("payment_failed", {"a": "\0"}))) == (422, "invalid")
    text = tenant.ask("POST", "/v1/triggers", content=b"x", headers={"content-type": "text/plain"})
    assert refused(text) == (415, "unsupported_media_type")
    assert listed(tenant) == []


@pytest.mark.parametrize(
    ("kind", "scope"),
    [
        ("usage_threshold_approaching", "billing"),
        ("usage_anomaly_detected", "billing"),
        ("billing_cycle_started", "quota"),
        ("plan_upgrade_requested", "quota"),
        ("plan_downgrade_requested", "quota"),
        ("payment_failed", "quota"),
    ],
)
def test_each_kind_needs_its_scope(tenant: Tenant, kind: str, scope: str) -> None:
    """By a call or as an event: the other scope does not do."""
    _, token = tenant.make_key(scope)
    assert refused(start(tenant, kind, {}, token=token)) == (403, "forbidden")
    answer = tenant.ask(
        "POST",
        "/v1/triggers",
        json=event(kind, {}),
        headers={"content-type": "application/cloudevents+json"},
        token=token,
    )
    assert answer.json()["results"][0]["problems"][0]["code"] == "forbidden"


def test_workspaces_do_not_see_each_others_triggers(served: Served, tenant: Tenant) -> None:
    """The same identity elsewhere is another trigger."""
    other = served.tenant()
    for each in (tenant, other):
        assert done(start(each, "billing_cycle_started", {}))["repeated"] is False
        assert len(listed(each)) == 1


def test_triggers_are_listed_in_pages(tenant: Tenant) -> None:
    """The latest first, by kind; an unknown kind is refused, not an empty list."""
    for number in range(3):
        done(start(tenant, "billing_cycle_started", {}, id=f"c-{number}"))
    page = tenant.ask("GET", "/v1/triggers", params={"limit": "2"}).json()
    assert [one["id"] for one in page["items"]] == ["c-2", "c-1"]
    rest = listed(tenant, before=str(page["next_before"]), kind="billing_cycle_started")
    assert [one["id"] for one in rest] == ["c-0"]
    assert refused(tenant.ask("GET", "/v1/triggers", params={"kind": "x"})) == (
        422, "unknown_trigger"
    )  # fmt: skip

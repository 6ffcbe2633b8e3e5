"""Anomalies over HTTP: usage that is not as it was is told once, and held back where declared."""

import secrets
from datetime import UTC, datetime, timedelta
from typing import Any

import psycopg

from tests.api.test_clocks import advance, trial_of
from tests.api.test_quotas import ask, catalog
from tests.serving import Served, Tenant
from tests.waiting import wait_until

Json = Any
START = datetime(2026, 3, 2, tzinfo=UTC)
ABUSED = START + timedelta(hours=51)


def hour_of_calls(start: datetime, count: int, *, minutes: int = 60) -> list[dict[str, object]]:
    """Return so many calls, spread over the first minutes of an hour."""
    step = timedelta(minutes=minutes) / count
    return [
        {
            "id": f"{start:%d-%H}-{number}-{minutes}",
            "source": "shop",
            "type": "api.call",
            "subject": "acme",
            "time": (start + number * step).isoformat(),
        }
        for number in range(count)
    ]


def habit(tenant: Tenant, *, hours: int = 51, each: int = 10) -> None:
    """Send the usual usage of the hours before the abuse."""
    tenant.send(
        *(
            event
            for hour in range(hours)
            for event in hour_of_calls(START + timedelta(hours=hour), each)
        )
    )


def protected_catalog() -> dict[str, object]:
    """Return a catalog in which abuse slows calls, and refuses more by the day."""
    found: dict[str, Any] = dict(catalog(calls={"limit": "100000"}, daily={"limit": "100000"}))
    features = [one for one in found["features"] if one["key"] != "calls"]
    calls = {"kind": "metered", "meter": "calls"}
    slow = {"throttle": {"limit": "2", "per": "minute"}, "minutes": 30}
    block = {"block": True, "minutes": 30}
    features += [
        {"key": "calls", **calls, "window": {"every": "month"}, "anomalies": slow},
        {"key": "daily", **calls, "window": {"every": "day"}, "anomalies": block},
    ]
    return found | {"features": features}


def resolved_by_whom_it_concerns(tenant: Tenant, fact: Json) -> None:
    """Resolve what a fact tells; an account's key sees its own and resolves nothing."""
    (item,) = tenant.ask("GET", "/v1/anomalies", params={"state": "open"}).json()["items"]
    assert item["investigation"]["evidence"] == fact["evidence"]
    assert item["investigation"]["severity"] == "critical"
    assert item["investigation"]["restriction"] == fact["restrictionId"]
    path = f"/v1/anomalies/{item['investigation']['id']}/resolve"
    _, own = tenant.make_key("read", account="acme")
    assert len(tenant.ask("GET", "/v1/anomalies", token=own).json()["items"]) == 1
    assert tenant.ask("POST", path, json={"response": "x"}, token=own).status_code == 403
    other = tenant.ask("GET", "/v1/anomalies", params={"account": "other"}, token=own)
    assert other.status_code == 404
    card = tenant.ask("POST", path, json={"response": "paid by 4111 1111 1111 1111"})
    assert (card.status_code, card.json()["code"]) == (422, "card_number")
    answers = [tenant.ask("POST", path, json={"response": "key replaced"}) for _ in range(2)]
    assert [answer.status_code for answer in answers] == [200, 409]
    assert tenant.ask("GET", "/v1/anomalies", params={"state": "open"}).json()["items"] == []
    (item,) = tenant.ask("GET", "/v1/anomalies").json()["items"]
    assert (item["state"], item["resolution"]["response"]) == ("resolved", "key replaced")


def decided(tenant: Tenant, feature: str, count: int) -> list[str]:
    """Consume a few times; return the reasons of what was decided."""
    return [
        ask(tenant, "consume", feature, source="s", id=secrets.token_hex(8))["reason"]
        for _ in range(count)
    ]


def text(at: datetime) -> str:
    """Return an instant as orders write it."""
    return f"{at:%Y-%m-%dT%H:%M:%SZ}"


def rows(served: Served, tenant: Tenant, statement: str) -> list[Any]:
    """Return what stands in the database of a workspace, whose name the statement binds."""
    with psycopg.connect(served.cluster.address("postgres", served.database)) as connection:
        return [row[0] for row in connection.execute(statement, [tenant.workspace])]


def watched(served: Served, tenant: Tenant, *, told: bool = False) -> list[datetime]:
    """Return the hours of which it is known what is too much, or that too much was told."""
    statement = "SELECT next_hour FROM usage_pattern WHERE workspace_id = %s AND most IS "
    return rows(served, tenant, statement + ("NULL" if told else "NOT NULL"))


def told(served: Served, tenant: Tenant) -> list[Json]:
    """Return the messages that tell of anomalies."""
    return rows(
        served,
        tenant,
        "SELECT payload FROM outbox WHERE workspace_id = %s"
        " AND topic = 'usage_anomaly_detected' ORDER BY created_at",
    )


def test_abuse_after_two_days_is_told_once_and_held_back(served: Served) -> None:
    """Ten calls an hour, then sixty at once: one investigation, alert, message, and restriction."""
    trial = trial_of(served, clock_at=text(ABUSED + timedelta(minutes=4)))
    trial.apply(protected_catalog())
    habit(trial)
    # The habit is there before its last hour is over, whenever somebody looks.
    advance(trial, to=text(ABUSED + timedelta(minutes=6)))
    trial.send({"id": "look", "subject": "acme", "time": text(ABUSED)})
    wait_until(lambda: watched(served, trial) == [ABUSED], waiting_for="a pattern", seconds_max=60)
    trial.send(*hour_of_calls(ABUSED, 60, minutes=5))
    wait_until(lambda: bool(told(served, trial)), waiting_for="an anomaly", seconds_max=60)
    assert decided(trial, "calls", 3) == ["throttle", "throttle", "rate_exceeded"]
    assert decided(trial, "daily", 1) == ["restricted"]
    advance(trial, to=text(ABUSED + timedelta(minutes=40)))
    assert decided(trial, "calls", 3) == ["within_limit"] * 3
    assert decided(trial, "daily", 1) == ["within_limit"]
    advance(trial, to=text(ABUSED + timedelta(hours=1, minutes=6)))
    trial.send(*hour_of_calls(ABUSED + timedelta(hours=1), 60, minutes=5))
    wait_until(
        lambda: watched(served, trial, told=True) == [ABUSED + timedelta(hours=1)],
        waiting_for="the next hour",
        seconds_max=60,
    )
    (fact,) = told(served, trial)
    assert (fact["tenantId"], fact["resourceType"], fact["source"]) == ("acme", "calls", "usage")
    evidence = fact["evidence"]
    assert (evidence["seen"], evidence["usual"], evidence["running"]) == ("60", "10", True)
    assert [one["used"] for one in evidence["before"]] == ["10", "10"]
    resolved_by_whom_it_concerns(trial, fact)
    found = [one["alert"] for one in trial.ask("GET", "/v1/usage-alerts").json()["items"]]
    assert [one["id"] for one in found if one["kind"] == "anomaly"] == [fact["alertId"]]

"""Rules on spend, budgets, credit, and on what usage will come to: each told once."""

from datetime import UTC, datetime, timedelta
from typing import Any

from tests.api.test_clocks import advance, trial_of
from tests.api.test_quotas import catalog, usage
from tests.api.test_usage_alerts import alerts
from tests.serving import Served, Tenant
from tests.waiting import wait_until

Json = Any
NOON = datetime(2026, 3, 11, 12, tzinfo=UTC)
MORNING = NOON - timedelta(hours=3)


def calls(start: datetime, count: int, *, name: str = "c") -> list[dict[str, object]]:
    """Return so many calls at an instant."""
    return [
        {
            "id": f"{name}-{start:%d-%H}-{number}",
            "source": "shop",
            "type": "api.call",
            "subject": "acme",
            "time": start.isoformat(),
        }
        for number in range(count)
    ]


def priced(*rules: Json, limit: str = "1000000") -> dict[str, Any]:
    """Return a catalog in which a call costs 1.00 EUR beside a fee of 10.00 in advance."""
    found: dict[str, Any] = dict(catalog(calls={"limit": limit}))
    price = {"key": "per-call", "model": "unit", "meter": "calls", "unit_price": "1.00"}
    (plan,) = found["plans"]
    found["plans"] = [plan | {"prices": [*plan["prices"], price]}]
    return found | {"alert_rules": list(rules)}


def trial(served: Served, *rules: Json, at: datetime = NOON, limit: str = "1000000") -> Tenant:
    """Return a workspace with a clock of its own, and the catalog in it."""
    found = trial_of(served, clock_at=f"{at:%Y-%m-%dT%H:%M:%SZ}")
    found.apply(priced(*rules, limit=limit))
    return found


def told(tenant: Tenant, rule: str) -> list[Json]:
    """Return the alerts of a rule, the first one first."""
    return [one["alert"] for one in alerts(tenant) if one["alert"].get("rule", "") == rule][::-1]


def wait_told(tenant: Tenant, rule: str, count: int) -> list[Json]:
    """Wait until a rule has told so often; return what it told."""
    wait_until(lambda: len(told(tenant, rule)) >= count, waiting_for=rule, seconds_max=60)
    found = told(tenant, rule)
    assert len(found) == count, found
    return found


def test_spend_of_a_contract_is_told_as_it_passes_amounts(served: Served) -> None:
    """At 1.00 a call: 4 calls pass nothing, 6 pass 5.00, 26 pass each further 10.00 above."""
    thresholds = [{"amount": "5"}, {"amount": "10", "recurring": True}]
    rule = {"key": "s", "watched": "spend", "currency": "EUR", "thresholds": thresholds}
    tenant = trial(served, rule)
    tenant.send(*calls(MORNING, 4, name="a"))
    tenant.send(*calls(MORNING, 2, name="b"))
    (first,) = wait_told(tenant, "s", 1)
    assert (first["watched"], first["value"], first["currency"]) == ("spend", "6", "EUR")
    assert (first["thresholds"], first["limit"]) == (["5"], None)
    tenant.send(*calls(MORNING, 20, name="c"))
    _, again = wait_told(tenant, "s", 2)
    assert (again["value"], again["thresholds"]) == ("26", ["every 10"])
    assert again["message"] == f"Spend on {again['feature']} at 26.00 EUR: passed every 10."


def test_a_new_rule_reads_what_is_there(served: Served) -> None:
    """Declared behind the calls it is told without a further one."""
    tenant = trial(served)
    tenant.send(*calls(MORNING, 4))
    wait_until(lambda: usage(tenant, "calls")["used"] == "4", waiting_for="calls", seconds_max=60)
    rule = {"key": "n", "watched": "spend", "currency": "EUR", "thresholds": [{"amount": "4"}]}
    tenant.apply({"alert_rules": [rule]})
    assert wait_told(tenant, "n", 1)[0]["value"] == "4"


def test_a_budget_is_of_a_calendar_month_with_fees(served: Served) -> None:
    """Of 40.00 a month, the fee of 10.00 and 10 calls are 50 %; the pace will pass all of it."""
    thresholds = [{"percent": "50"}, {"percent": "100", "severity": "critical"}]
    rule = {
        "key": "b",
        "watched": "budget",
        "account": "acme",
        "currency": "EUR",
        "budget": "40",
        "thresholds": [*thresholds, {"projected": "100", "severity": "info"}],
    }
    tenant = trial(served, rule)
    advance(tenant, to=f"{NOON + timedelta(minutes=1):%Y-%m-%dT%H:%M:%SZ}")  # the fee is billed
    tenant.send(*calls(MORNING, 10))
    found = wait_told(tenant, "b", 1)
    assert found[0]["value"] == "20", found
    assert found[0]["percent"] == "50.0"
    assert found[0]["thresholds"] == ["50 %"]
    assert (found[0]["starts_at"], found[0]["ends_at"]) == (
        "2026-03-01T00:00:00Z",
        "2026-04-01T00:00:00Z",
    )
    tenant.send(*calls(MORNING, 2, name="d"))
    found = wait_told(tenant, "b", 2)
    assert found[1]["thresholds"] == ["projected 100 %"]


def test_a_budget_over_a_tree_is_of_all_accounts_below(served: Served) -> None:
    """Corp has no contract: 3 calls of acme and 2 of a lab below it, and none of bolt beside."""
    over = {"key": "t", "watched": "budget", "account": "corp", "over": "tree"}
    rule = {**over, "currency": "EUR", "budget": "100", "thresholds": [{"amount": "5"}]}
    documents = priced(rule)
    (acme,), (contract,) = documents["accounts"], documents["subscriptions"]
    parents = {"corp": None, "acme": "corp", "lab": "acme", "bolt": None}
    documents["accounts"] = [acme | {"key": one, "parent": parents[one]} for one in parents]
    documents["subscriptions"] = [
        contract | {"key": f"{one}-pro", "account": one} for one in ("acme", "lab", "bolt")
    ]
    tenant = trial_of(served, clock_at=f"{NOON:%Y-%m-%dT%H:%M:%SZ}")
    tenant.apply(documents)
    bolt = [one | {"subject": "bolt"} for one in calls(MORNING, 4, name="b")]
    lab = [one | {"subject": "lab"} for one in calls(MORNING, 2, name="l")]
    tenant.send(*bolt, *calls(MORNING, 3))
    tenant.send(*lab)
    (alert,) = wait_told(tenant, "t", 1)
    assert (alert["account"], alert["value"], alert["percent"]) == ("corp", "5", "5.0")


def test_a_budget_takes_off_what_was_spent_before_its_month(served: Served) -> None:
    """Billed from the 15th: 5 calls of February and its fee are not of March, 3 calls are."""
    rule = {"watched": "budget", "currency": "EUR", "budget": "100"}
    documents = priced({"key": "m", **rule, "thresholds": [{"amount": "2"}]})
    (contract,) = documents["subscriptions"]
    documents["subscriptions"] = [contract | {"start": "2026-02-15T00:00:00Z"}]
    documents["plans"] = [one | {"alignment": "anniversary"} for one in documents["plans"]]
    tenant = trial_of(served, clock_at=f"{NOON:%Y-%m-%dT%H:%M:%SZ}")
    tenant.apply(documents)
    tenant.send(*calls(datetime(2026, 2, 20, 10, tzinfo=UTC), 5))
    tenant.send(*calls(MORNING, 3))
    (alert,) = wait_told(tenant, "m", 1)
    assert (alert["value"], alert["limit"], alert["percent"]) == ("3", "100", "3.0")


def test_what_usage_will_come_to_is_told_with_the_day(served: Served) -> None:
    """100 calls a day, 1,000 by March 11: all of 1,950 are expected on the 20th."""
    midnight = datetime(2026, 3, 11, tzinfo=UTC)
    tenant = trial(served, at=midnight, limit="1950")
    start = datetime(2026, 3, 1, 12, tzinfo=UTC)
    days = (start + timedelta(days=day) for day in range(10))
    tenant.send(*(call for day in days for call in calls(day, 100)))
    wait_until(
        lambda: usage(tenant, "calls")["used"] == "1000", waiting_for="counters", seconds_max=60
    )
    advance(tenant, to="2026-03-11T01:00:00Z")
    tenant.send(*calls(midnight, 1, name="e"))
    (alert,) = wait_told(tenant, "", 1)
    assert alert["thresholds"] == ["projected 100 %"]
    assert "Usage of calls expected to come to" in alert["message"]
    assert (alert["severity"], alert["reached_on"]) == ("info", "2026-03-20")


def test_credit_is_told_as_it_burns(served: Served) -> None:
    """Of 20.00 granted, 17 calls leave 3.00, 15 %; documents have said nothing of it yet."""
    rule = {
        "key": "c",
        "watched": "credit",
        "currency": "EUR",
        "thresholds": [{"percent": "20"}, {"amount": "1"}],
    }
    tenant = trial(served, rule)
    grant = {"key": "g", "account": "acme", "kind": "promotional", "amount": "20.00"}
    answer = tenant.ask("POST", "/v1/credits/grants", json=grant | {"currency": "EUR"})
    assert answer.status_code < 300, answer.text
    tenant.send(*calls(MORNING, 10, name="a"))
    tenant.send(*calls(MORNING, 7, name="b"))
    (first,) = wait_told(tenant, "c", 1)
    assert (first["value"], first["limit"], first["percent"]) == ("3", "20", "15.0")
    tenant.send(*calls(MORNING, 3, name="d"))
    assert wait_told(tenant, "c", 2)[1]["value"] == "0"

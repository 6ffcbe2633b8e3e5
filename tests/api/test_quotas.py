"""Quotas over HTTP: decided before use, held under concurrency, counted once."""

from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Any

import pytest

from tallystick.kernel import instant_text
from tests.catalogs import LISTS
from tests.serving import Tenant
from tests.storming import post_at_once
from tests.waiting import wait_until

Json = Any

STARTED = "2026-01-01T00:00:00Z"


def catalog(**limits: Mapping[str, object]) -> dict[str, object]:
    """Return a catalog in which `acme` is granted features by plan `pro`."""
    grants = [{"feature": key.replace("_", "-"), **terms} for key, terms in limits.items()]
    return {
        "legal_entities": LISTS["legal_entities"],
        "meters": [
            {"key": "calls", "event_type": "api.call", "aggregation": "count", "unit": "call"},
            {
                "key": "tokens",
                "event_type": "llm.tokens",
                "aggregation": "sum",
                "value": "used.tokens",
                "unit": "call",
            },
        ],
        "features": [
            {"key": "calls", "kind": "metered", "meter": "calls", "window": {"every": "month"}},
            {"key": "tokens", "kind": "metered", "meter": "tokens", "window": {"every": "month"}},
            {
                "key": "recent",
                "kind": "metered",
                "meter": "tokens",
                "window": {"rolling_seconds": 3600},
            },
            {"key": "users", "kind": "level", "unit": "user"},
            {"key": "rate", "kind": "rate", "per": "minute", "unit": "call"},
            {"key": "sso", "kind": "switch"},
        ],
        "plans": [
            {
                "key": "pro",
                "version": 1,
                "name": "Pro",
                "currency": "EUR",
                "interval": "month",
                "prices": [
                    {"key": "base", "model": "flat", "amount": "10.00", "cadence": "advance"}
                ],
                "entitlements": grants,
            }
        ],
        "accounts": [
            {"key": "acme", "name": "Acme", "zone": "UTC", "currency": "EUR", "invoiced": True}
        ],
        "subscriptions": [
            {
                "key": "acme-pro",
                "account": "acme",
                "plan": "pro",
                "version": 1,
                "legal_entity": "main",
                "start": STARTED,
            }
        ],
    }


def ask(tenant: Tenant, verb: str, feature: str = "", **rest: object) -> Json:
    """Ask for a decision, which must be given."""
    named = {"account": "acme", "feature": feature} if feature else {}
    answer = tenant.ask("POST", f"/v1/quota/{verb}", json={**named, **rest})
    assert answer.status_code == 200, answer.text
    return answer.json()


def usage(tenant: Tenant, feature: str) -> Json:
    """Return what stands against a limit."""
    answer = tenant.ask("GET", "/v1/quota/usage", params={"account": "acme"})
    assert answer.status_code == 200, answer.text
    (found,) = [one for one in answer.json()["quotas"] if one["feature"] == feature]
    return found


def now() -> str:
    """Return the present as events write it."""
    return datetime.now(UTC).isoformat()


def call(identity: str, **rest: object) -> dict[str, object]:
    """Return an ingested call of `acme`."""
    return {"id": identity, "source": "shop", "type": "api.call", "subject": "acme", **rest}


def test_a_limit_is_reached_and_not_passed(tenant: Tenant) -> None:
    """Three of three calls are allowed, the fourth is refused and leaves no trace."""
    tenant.apply(catalog(calls={"limit": "3"}))
    found = [ask(tenant, "consume", "calls", source="shop", id=f"c{n}") for n in range(4)]
    assert [one["allowed"] for one in found] == [True, True, True, False]
    assert [one["remaining"] for one in found] == ["2", "1", "0", "0"]
    assert found[3]["reason"] == "limit_reached"
    assert found[3]["resets_at"] is not None
    assert found[3]["retry_after_seconds"] > 0


def test_the_same_use_counts_once(tenant: Tenant) -> None:
    """A repeat is a duplicate and changes nothing; the same id for another feature a conflict."""
    tenant.apply(catalog(calls={"limit": "3"}, tokens={"limit": "9"}))
    ask(tenant, "consume", "calls", source="shop", id="c1")
    again = ask(tenant, "consume", "calls", source="shop", id="c1")
    assert (again["allowed"], again["duplicate"], again["used"]) == (True, True, "1")
    other = ask(tenant, "consume", "tokens", source="shop", id="c1")
    assert (other["allowed"], other["reason"]) == (False, "conflict")


def test_what_happened_is_recorded_and_judged(tenant: Tenant) -> None:
    """Let through while nobody could ask: counted whatever the limit, once, and called beyond."""
    tenant.apply(catalog(calls={"limit": "1"}))
    happened = {"source": "shop", "happened": True, "time": "2026-01-02T03:04:05Z"}
    found = [ask(tenant, "consume", "calls", id=f"c{n}", **happened) for n in range(3)]
    assert [one["allowed"] for one in found] == [True, False, False]
    assert [one["used"] for one in found] == ["1", "2", "3"]
    again = ask(tenant, "consume", "calls", id="c2", **happened)
    assert (again["duplicate"], again["used"]) == (True, "3")
    assert not ask(tenant, "consume", "calls", source="shop", id="c9")["allowed"]


def test_a_lease_says_how_long_it_lasts(tenant: Tenant) -> None:
    """In seconds from the decision on, for a client whose clock is another."""
    tenant.apply(catalog(calls={"limit": "9"}))
    taken = ask(tenant, "lease", "calls", lease="l1", quantity="5", seconds=30)
    assert (taken["lease"]["granted"], taken["lease"]["seconds"]) == ("5", 30)


def test_a_use_is_an_event_and_counts_once(tenant: Tenant) -> None:
    """A consumed call reaches the log; sent again it is a duplicate; usage and counter agree."""
    tenant.apply(catalog(calls={"limit": "10"}))
    ask(tenant, "consume", "calls", source="shop", id="c1")

    def counted() -> bool:
        asked = {"meter": "calls", "start": STARTED, "end": "2100-01-01T00:00:00Z"}
        answer = tenant.ask("GET", "/v1/usage", params=asked)
        return bool(answer.json()["items"][0]["quantity"] == "1")

    wait_until(counted, waiting_for="the event to count", seconds_max=20)
    report = tenant.send(call("c2"), call("c3"))
    assert report["accepted"] == 2
    wait_until(
        lambda: usage(tenant, "calls")["used"] == "3", waiting_for="the counter", seconds_max=20
    )
    again = ask(tenant, "consume", "calls", source="shop", id="c2")
    assert (again["duplicate"], again["used"]) == (True, "3")


def test_two_hundred_clients_get_no_more_than_is_granted(tenant: Tenant) -> None:
    """Of 1,200 uses by 200 clients at once exactly 1,000 are allowed."""
    tenant.apply(catalog(calls={"limit": "1000"}))

    orders = [
        {"account": "acme", "feature": "calls", "source": "s", "id": f"e{n}"} for n in range(1200)
    ]
    found = post_at_once(tenant, "/v1/quota/consume", orders, clients=200)
    assert sum(one["allowed"] for one in found) == 1000
    assert usage(tenant, "calls")["used"] == "1000"


def test_what_is_reserved_is_held(tenant: Tenant) -> None:
    """Of 10, 6 reserved leave 4; committing 5 of the 6 gives 1 back; released is as before."""
    tenant.apply(catalog(tokens={"limit": "10"}))
    held = ask(tenant, "reserve", "tokens", quantity="6", reservation="r1")
    assert (held["allowed"], held["held"], held["remaining"]) == (True, "6", "4")
    assert not ask(tenant, "reserve", "tokens", quantity="5", reservation="r2")["allowed"]
    used = ask(tenant, "commit", reservation="r1", quantity="5", source="s", id="e1")
    assert (used["allowed"], used["used"], used["held"]) == (True, "5", "0")
    again = ask(tenant, "commit", reservation="r1", quantity="5", source="s", id="e1")
    assert (again["duplicate"], again["used"]) == (True, "5")
    ask(tenant, "reserve", "tokens", quantity="5", reservation="r3")
    released = ask(tenant, "release", reservation="r3")
    assert (released["held"], released["remaining"]) == ("0", "5")


def test_a_lease_is_a_slice_of_the_limit(tenant: Tenant) -> None:
    """A lease gets what is left; what it reports is used, what it returns is free again."""
    tenant.apply(catalog(tokens={"limit": "10"}))
    first = ask(tenant, "lease", "tokens", quantity="8", lease="l1")
    assert first["lease"]["granted"] == "8"
    second = ask(tenant, "lease", "tokens", quantity="8", lease="l2")
    assert (second["quantity"], second["remaining"]) == ("2", "0")
    assert not ask(tenant, "lease", "tokens", quantity="1", lease="l3")["allowed"]
    events = [{"source": "s", "id": f"e{n}", "quantity": "3"} for n in range(2)]
    told = ask(tenant, "report", lease="l1", events=events, close=True)
    assert (told["used"], told["held"], told["remaining"]) == ("6", "2", "2")
    again = ask(tenant, "report", lease="l1", events=events)
    assert again["used"] == "6"


def test_levels_count_what_exists(tenant: Tenant) -> None:
    """Two users of two; the same one again is no more; one given back makes room."""
    tenant.apply(catalog(users={"limit": "2"}))
    assert ask(tenant, "acquire", "users", unit="ann")["allowed"]
    assert ask(tenant, "acquire", "users", unit="ann")["duplicate"]
    assert ask(tenant, "acquire", "users", unit="bob")["allowed"]
    assert not ask(tenant, "acquire", "users", unit="cy")["allowed"]
    ask(tenant, "give-back", "users", unit="ann")
    assert ask(tenant, "acquire", "users", unit="cy")["used"] == "2"


def test_rates_and_switches(tenant: Tenant) -> None:
    """Two a minute are let through, the third has to wait; a switch is on or off."""
    tenant.apply(catalog(rate={"limit": "2"}, sso={}))
    found = [ask(tenant, "consume", "rate") for _ in range(3)]
    assert [one["reason"] for one in found] == ["within_limit", "within_limit", "rate_exceeded"]
    assert 0 < found[2]["retry_after_seconds"] <= 61
    assert ask(tenant, "check", "sso")["reason"] == "switched_on"
    assert ask(tenant, "check", "users")["reason"] == "not_entitled"


def test_rolling_windows_count_what_was_ingested_before(tenant: Tenant) -> None:
    """What was ingested before the first question counts in its slice of the hour."""
    tenant.apply(catalog(recent={"limit": "10"}))
    event = call("t1", type="llm.tokens", data={"used": {"tokens": 7}}, time=now())
    tenant.send(event)
    wait_until(
        lambda: usage(tenant, "recent")["used"] == "7", waiting_for="the counter", seconds_max=20
    )
    refused = ask(tenant, "consume", "recent", quantity="4", source="s", id="x")
    assert (refused["allowed"], refused["used"]) == (False, "7")
    assert ask(tenant, "consume", "recent", quantity="3", source="s", id="y")["used"] == "10"


def test_many_asks_are_decided_in_their_order(tenant: Tenant) -> None:
    """Each of a batch sees what those before it took."""
    tenant.apply(catalog(calls={"limit": "2"}))
    orders = [
        {"account": "acme", "feature": "calls", "source": "s", "id": f"e{n}"} for n in range(3)
    ]
    answer = tenant.ask("POST", "/v1/quota/consume", json={"requests": orders})
    assert [one["allowed"] for one in answer.json()["decisions"]] == [True, True, False]


def test_overage_that_is_throttled_passes_slowly(tenant: Tenant) -> None:
    """Beyond one call, two a minute pass as overage; the next waits."""
    throttle = {"action": "throttle", "throttle": {"limit": "2", "per": "minute"}}
    tenant.apply(catalog(calls={"limit": "1", "overage": throttle}))
    found = [ask(tenant, "consume", "calls", source="s", id=f"e{n}") for n in range(4)]
    assert [one["reason"] for one in found] == [
        "within_limit",
        "throttle",
        "throttle",
        "rate_exceeded",
    ]
    assert found[1]["overage"] == "1"
    slow = "Use beyond 1 is slowed to 2 each minute."
    assert found[1]["message"] == f"This is let through slowly. {slow}"
    assert found[3]["message"] == (
        f"Too much in too short a time. {slow} Try again from {instant_text(again(found[3]))} on."
    )
    at_once = ask(tenant, "check", "calls", quantity="3")
    assert at_once["message"].endswith(f"{slow} So much at once never passes; ask for less.")


def again(decision: Json) -> datetime:
    """Return when a decision says to try again."""
    return datetime.fromisoformat(decision["retry_at"])


def test_answers_carry_the_headers_of_rate_limits(tenant: Tenant) -> None:
    """RateLimit-Policy, RateLimit and Retry-After say what the body says."""
    tenant.apply(catalog(calls={"limit": "1"}))
    order = {"account": "acme", "feature": "calls", "source": "s", "id": "e"}
    first = tenant.ask("POST", "/v1/quota/consume", json=order)
    assert first.headers["ratelimit-policy"] == '"calls";q=1'
    assert first.headers["ratelimit"].startswith('"calls";r=0;t=')
    second = tenant.ask("POST", "/v1/quota/consume", json={**order, "id": "f"})
    assert int(second.headers["retry-after"]) == second.json()["retry_after_seconds"]


@pytest.mark.parametrize(
    ("body", "status"),
    [("{", 400), ('{"account":"acme"}', 422), ('{"account":"a","feature":"f","x":1}', 422)],
)
def test_what_cannot_be_read_is_a_problem(tenant: Tenant, body: str, status: int) -> None:
    """A body that is no order is refused with a problem document."""
    answer = tenant.ask("POST", "/v1/quota/check", content=body)
    assert answer.status_code == status
    assert answer.headers["content-type"] == "application/problem+json"

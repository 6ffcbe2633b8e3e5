"""What accounts may use over HTTP: explained, tagged, granted by hand, exported as flags."""

from typing import Any

import pytest

from tests.api.test_quotas import ask, catalog
from tests.cli.running import here
from tests.serving import Tenant

CATALOG: dict[str, Any] = {
    "legal_entities": [{"key": "main", "name": "Main", "zone": "UTC", "currency": "EUR"}],
    "features": [
        {"key": "users", "kind": "level", "unit": "user"},
        {"key": "sso", "kind": "switch"},
    ],
    "plans": [
        {
            "key": "pro",
            "version": 1,
            "name": "Pro",
            "currency": "EUR",
            "interval": "month",
            "prices": [{"key": "base", "model": "flat", "amount": "10"}],
            "entitlements": [
                {"feature": "users", "limit": "50", "overage": {"action": "block_invites"}}
            ],
        }
    ],
    "accounts": [
        {"key": "acme", "name": "Acme", "zone": "UTC", "currency": "EUR", "invoiced": True},
        {"key": "lab", "name": "Lab", "zone": "UTC", "currency": "EUR", "parent": "acme"},
        {"key": "bolt", "name": "Bolt", "zone": "UTC", "currency": "EUR", "invoiced": True},
    ],
    "subscriptions": [
        {
            "key": "acme-pro",
            "account": "acme",
            "plan": "pro",
            "version": 1,
            "legal_entity": "main",
            "start": "2026-01-01",
        }
    ],
}
GRANTS = "/v1/accounts/acme/entitlement-grants"
PLUS_TEN = {"feature": "users", "limit": "10", "adds": True, "reason": "goodwill"}


@pytest.fixture
def granted(tenant: Tenant) -> Tenant:
    """Lend a workspace in which acme has a contract."""
    answer = tenant.ask("POST", "/v1/catalog/apply", json={"documents": CATALOG})
    assert answer.status_code == 200, answer.text
    return tenant


def test_what_an_account_may_use_says_from_where(granted: Tenant) -> None:
    """Lab uses what acme is granted, plan and grant by hand, each named."""
    grant = granted.ask("POST", GRANTS, json=PLUS_TEN).json()
    answer = granted.ask("GET", "/v1/accounts/lab/entitlements").json()
    (users,) = answer["entitlements"]
    assert (users["limit"], users["holder"], users["contract"]) == ("60", "acme", "acme-pro")
    assert users["text"] == "60 user, then invites are blocked"
    assert users["overage"] == {"action": "block", "operation": "invites"}
    assert users["sources"] == [
        {"layer": "plan pro@1", "text": "50"},
        {"layer": f"manual grant {grant['id']}", "text": "+ 10"},
    ]
    assert answer["grants"] == []
    (own,) = granted.ask("GET", "/v1/accounts/acme/entitlements").json()["grants"]
    assert (own["id"], own["reason"]) == (grant["id"], "goodwill")
    before = granted.ask(
        "GET", "/v1/accounts/lab/entitlements", params={"at": "2026-01-02T00:00:00Z"}
    ).json()
    assert [one["limit"] for one in before["entitlements"]] == ["50"]


def test_an_answer_that_is_held_is_not_sent_again(granted: Tenant) -> None:
    """304 while nothing changed, also beside other tags; a grant makes another tag."""
    for path in ("/v1/accounts/acme/entitlements", "/v1/feature-flags?account=acme"):
        first = granted.ask("GET", path)
        tag = first.headers["etag"]
        for held in (tag, f'"other", W/{tag}', "*"):
            again = granted.ask("GET", path, headers={"if-none-match": held})
            assert (again.status_code, again.content) == (304, b"")
            assert again.headers["etag"] == tag
        assert "private" in first.headers["cache-control"]
        granted.ask("POST", GRANTS, json=PLUS_TEN)
        changed = granted.ask("GET", path, headers={"if-none-match": tag})
        assert changed.status_code == 200
        assert changed.headers["etag"] != tag


def test_restrictions_are_told_and_lifted(granted: Tenant) -> None:
    """What restricts is named; lifted twice is a conflict, an unknown one is not found."""
    path = "/v1/accounts/acme/restrictions"
    order = {"feature": "users", "limit": "20", "reason": "late", "source": "dunning"}
    tried = granted.ask("POST", path, json=order | {"dry_run": True}).json()
    assert tried["id"] is None
    card = granted.ask("POST", path, json=order | {"reason": "4111-1111-1111-1111 declined"})
    assert (card.status_code, card.json()["code"]) == (422, "card_number")
    held = granted.ask("POST", path, json=order).json()
    assert tried["features"] == held["features"] != []
    answer = granted.ask("GET", "/v1/accounts/acme/entitlements").json()
    assert answer["entitlements"][0]["restriction"] == held["id"]
    assert answer["entitlements"][0]["limit"] == "20"
    assert [one["source"] for one in answer["restrictions"]] == ["dunning"]
    lift = f"/v1/restrictions/{held['id']}/lift"
    statuses = [
        granted.ask("POST", each, json={"reason": "paid"}).status_code
        for each in (lift, lift, "/v1/restrictions/none/lift")
    ]
    assert statuses == [200, 409, 404]
    wrong = granted.ask("POST", path, json=order | {"limit": "many"})
    assert wrong.status_code == 422


def test_a_restriction_slows_a_metered_feature_to_a_rate(tenant: Tenant) -> None:
    """From the first use on two a minute pass; the refusal says the rate, and when to try again."""
    tenant.apply(catalog(calls={"limit": "100"}))
    slow = ("--throttle", "2/minute", "--reason", "too much")
    where = ("--url", tenant.url, "--key", tenant.token)
    done = here("entitlement", "restrict", "acme", "calls", *slow, *where)
    assert (done.code, "2 each minute" in done.out) == (0, True), done.err
    found = [ask(tenant, "consume", "calls", source="s", id=f"e{n}") for n in range(3)]
    assert [one["reason"] for one in found] == ["throttle", "throttle", "rate_exceeded"]
    said = "Too much in too short a time. Use is slowed to 2 each minute. Try again from "
    assert found[2]["message"].startswith(said)
    (stands,) = tenant.ask("GET", "/v1/accounts/acme/entitlements").json()["restrictions"]
    assert stands["throttle"] == {"limit": "2", "per": "minute"}
    path = "/v1/accounts/acme/restrictions"
    for throttle, where_wrong in (
        ({"limit": "2", "per": "day"}, "throttle.per"),
        ({"limit": "-1", "per": "minute"}, "throttle.limit"),
    ):
        order = {"feature": "calls", "throttle": throttle, "reason": "x"}
        wrong = tenant.ask("POST", path, json=order)
        assert wrong.status_code == 422
        assert where_wrong in wrong.text
    both = {"feature": "calls", "limit": "1", "throttle": {"limit": "2", "per": "minute"}}
    assert tenant.ask("POST", path, json=both | {"reason": "x"}).status_code == 422


def test_a_key_of_one_account_sees_that_one_alone(granted: Tenant) -> None:
    """Its own entitlements and flags; no plans, no other account, no grants."""
    token = granted.ask(
        "POST", "/v1/keys", json={"label": "lab", "scopes": ["read"], "account": "lab"}
    ).json()["token"]
    own = granted.ask("GET", "/v1/accounts/lab/entitlements", token=token)
    assert own.status_code == 200
    for path in ("/v1/accounts/acme/entitlements", "/v1/feature-flags?account=acme"):
        assert granted.ask("GET", path, token=token).status_code == 404
    flags = granted.ask("GET", "/v1/feature-flags", token=token).json()
    assert flags["plans"] == []
    assert flags["account"]["account"] == "lab"
    assert granted.ask("POST", GRANTS, json=PLUS_TEN, token=token).status_code == 403


def test_flags_say_what_plans_and_an_account_grant(granted: Tenant) -> None:
    """All features, each plan version by itself, and the account with its own layers."""
    granted.ask("POST", GRANTS, json={"feature": "sso", "reason": "trial"})
    told = granted.ask("GET", "/v1/feature-flags", params={"account": "acme"}).json()
    assert sorted(told["features"]) == ["sso", "users"]
    (plan,) = told["plans"]
    assert (plan["plan"], plan["version"], sorted(plan["features"])) == ("pro", 1, ["users"])
    assert plan["features"]["users"]["limit"] == "50"
    assert sorted(told["account"]["features"]) == ["sso", "users"]
    assert told["account"]["features"]["sso"] == {
        "enabled": True,
        "value": None,
        "limit": None,
        "text": "on",
    }
    bolt = granted.ask("GET", "/v1/feature-flags", params={"account": "bolt"}).json()
    assert bolt["account"]["features"] == {}
    missing = granted.ask("GET", "/v1/feature-flags", params={"account": "nobody"})
    assert missing.status_code == 404

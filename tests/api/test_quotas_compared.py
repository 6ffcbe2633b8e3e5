"""Counters are views: they equal their rebuild, and follow changes of contracts and corrections."""

from typing import Any

import psycopg

from tests.api.test_quotas import STARTED, ask, call, catalog, now, usage
from tests.serving import Served, Tenant
from tests.waiting import wait_until

Json = Any


def compare(tenant: Tenant, **order: object) -> Json:
    """Compare the counters of a workspace."""
    answer = tenant.ask("POST", "/v1/quota/compare", json=order)
    assert answer.status_code == 200, answer.text
    return answer.json()


def used(tenant: Tenant, feature: str, quantity: str) -> None:
    """Wait until so much is used."""
    wait_until(
        lambda: usage(tenant, feature)["used"] == quantity,
        waiting_for=f"{quantity} used",
        seconds_max=20,
    )


def test_counters_equal_their_rebuild(tenant: Tenant) -> None:
    """Consumed, ingested, reserved, leased and acquired: nothing differs from the events."""
    limits = {"limit": "100"}
    tenant.apply(catalog(calls=limits, tokens=limits, recent=limits, users=limits))
    ask(tenant, "consume", "calls", source="s", id="c1")
    tenant.send(call("c2"), call("c1", source="other"))
    ask(tenant, "consume", "tokens", source="s", id="t1", quantity="2.5")
    ask(tenant, "consume", "recent", source="s", id="t2", quantity="1.5")
    ask(tenant, "lease", "tokens", quantity="10", lease="l")
    ask(tenant, "report", lease="l", events=[{"source": "s", "id": "t3", "quantity": "4"}])
    ask(tenant, "acquire", "users", unit="ann")
    used(tenant, "calls", "3")
    used(tenant, "tokens", "8")
    used(tenant, "recent", "8")
    found = compare(tenant)
    assert (found["counters"], found["differences"]) == (4, [])


def test_a_planted_difference_is_found_and_mended(served: Served, tenant: Tenant) -> None:
    """A counter, and a limit, that somebody changed by hand are told, and put right."""
    tenant.apply(catalog(calls={"limit": "5"}))
    ask(tenant, "consume", "calls", source="s", id="c1")
    with psycopg.connect(served.cluster.address("postgres", served.database)) as connection:
        wait_until(lambda: _is_fed(connection, tenant), waiting_for="the feed", seconds_max=20)
        connection.execute(
            "UPDATE quota_counter SET used = 4, enforced = 50 WHERE workspace_id = %s",
            [tenant.workspace],
        )
    found = compare(tenant)
    assert [(one["what"], one["enforced"], one["expected"]) for one in found["differences"]] == [
        ("count", "4", "1"),
        ("limit", "50", "5"),
    ]
    assert compare(tenant, repair=True)["differing"] == 2
    assert compare(tenant)["differing"] == 0
    assert usage(tenant, "calls")["used"] == "1"


def _is_fed(connection: psycopg.Connection, tenant: Tenant) -> bool:
    """Tell whether the counters have seen every use in the log, so that nothing heals by itself."""
    statement = (
        "SELECT count(*) = count(*) FILTER (WHERE used.position <= feed.position) "
        "FROM quota_event AS used LEFT JOIN quota_feed AS feed USING (workspace_id) "
        "WHERE workspace_id = %s"
    )
    row = connection.execute(statement, [tenant.workspace]).fetchone()
    connection.commit()
    return row is not None and bool(row[0])


def test_a_changed_contract_is_enforced_from_the_next_decision_on(tenant: Tenant) -> None:
    """A grant raises the limit at once, its withdrawal lowers it; leases beyond it are recalled."""
    tenant.apply(catalog(calls={"limit": "2"}))
    for number in range(2):
        assert ask(tenant, "consume", "calls", source="s", id=f"c{number}")["allowed"]
    assert not ask(tenant, "consume", "calls", source="s", id="c2")["allowed"]
    order = {"feature": "calls", "limit": "3", "adds": True, "reason": "goodwill"}
    answer = tenant.ask("POST", "/v1/accounts/acme/entitlement-grants", json=order)
    assert answer.is_success, answer.text
    more = ask(tenant, "consume", "calls", source="s", id="c2")
    assert (more["allowed"], more["limit"]) == (True, "5")
    leased = ask(tenant, "lease", "calls", quantity="2", lease="l")
    assert leased["lease"]["granted"] == "2"
    grant = answer.json()["id"]
    ended = tenant.ask(
        "POST", f"/v1/entitlement-grants/{grant}/withdraw", json={"reason": "a mistake"}
    )
    assert ended.is_success, ended.text
    assert not ask(tenant, "consume", "calls", source="s", id="c3")["allowed"]
    wait_until(
        lambda: usage(tenant, "calls")["held"] == "0", waiting_for="the recall", seconds_max=30
    )
    assert compare(tenant)["differing"] == 0


def test_corrections_reach_counters(tenant: Tenant) -> None:
    """An event that is voided, and one that is amended, change what stands against a limit."""
    tenant.apply(catalog(tokens={"limit": "100"}))
    for identity, tokens in (("t1", 7), ("t2", 20)):
        data = {"used": {"tokens": tokens}}
        tenant.send(call(identity, type="llm.tokens", data=data, time=now()))
    used(tenant, "tokens", "27")
    voided = tenant.ask(
        "POST",
        "/v1/events/void",
        json={"events": [{"source": "shop", "id": "t2"}], "reason": "sent twice"},
    )
    assert voided.is_success, voided.text
    used(tenant, "tokens", "7")
    assert compare(tenant)["differing"] == 0


def test_usage_from_before_the_first_question_counts(tenant: Tenant) -> None:
    """What a month held already is in the counter that its first question makes."""
    tenant.apply(catalog(calls={"limit": "3"}))
    tenant.send(call("c1"), call("c2"), call("old", time=STARTED))
    wait_until(
        lambda: ask(tenant, "check", "calls")["used"] == "2",
        waiting_for="the month's calls",
        seconds_max=20,
    )
    assert ask(tenant, "consume", "calls", source="s", id="c3")["allowed"]
    assert not ask(tenant, "consume", "calls", source="s", id="c4")["allowed"]


def test_counters_that_are_made_together_count_their_own(tenant: Tenant) -> None:
    """Of many accounts each counts itself, its resources and who stands below it; all at once."""
    declared = catalog(calls={"limit": "100"})
    rest = {"zone": "UTC", "currency": "EUR"}
    names = [f"c{number}" for number in range(6)]
    contract = {"plan": "pro", "version": 1, "legal_entity": "main", "start": STARTED}
    tenant.apply(
        {
            **declared,
            "accounts": [
                {"key": "acme", "name": "Acme", **rest, "invoiced": True},
                *({"key": key, "name": key, **rest, "invoiced": True} for key in names),
                {"key": "team", "name": "Team", **rest, "parent": "c1"},
            ],
            "subscriptions": [
                {"key": f"of-{key}", "account": key, **contract} for key in ["acme", *names]
            ],
            "resources": [
                {"key": "vm", "kind": "vm", "account": "c2"},
                {
                    "key": "sold",
                    "kind": "vm",
                    "account": "c3",
                    "transfers": [{"account": "c4", "at": now()}],
                },
            ],
        }
    )
    subjects = {"c0": 1, "c1": 2, "team": 3, "c2": 4, "vm": 5, "c3": 6, "sold": 7, "nobody": 8}
    tenant.send(
        *(
            call(f"{subject}-{number}", subject=subject)
            for subject, count in subjects.items()
            for number in range(count)
        )
    )
    expected = {"c0": "1", "c1": "5", "c2": "9", "c3": "6", "c4": "7"}
    wait_until(
        lambda: compare(tenant)["counters"] == len(expected),
        waiting_for="the counters",
        seconds_max=20,
    )
    assert {key: _used(tenant, key) for key in expected} == expected
    assert compare(tenant)["differing"] == 0


def _used(tenant: Tenant, account: str) -> str:
    """Return how many calls an account has used."""
    (found,) = tenant.ask("GET", "/v1/quota/usage", params={"account": account}).json()["quotas"]
    return str(found["used"])


def test_an_account_below_uses_what_is_granted_above_until_it_moves(tenant: Tenant) -> None:
    """A team shares the limit of its company; from the instant at which it moves on it does not."""
    tenant.apply(catalog(calls={"limit": "3"}))
    team = {"key": "team", "name": "Team", "zone": "UTC", "currency": "EUR", "parent": "acme"}
    tenant.apply({"accounts": [team]})
    order = {"account": "team", "feature": "calls", "source": "s"}
    first = tenant.ask("POST", "/v1/quota/consume", json={**order, "id": "t1"}).json()
    assert (first["allowed"], first["used"]) == (True, "1")
    tenant.send(call("t2", subject="team"))
    used(tenant, "calls", "2")
    assert ask(tenant, "consume", "calls", source="s", id="own")["used"] == "3"
    assert not tenant.ask("POST", "/v1/quota/check", json=order_of(order)).json()["allowed"]
    moved = {**team, "payer_changes": [{"at": now(), "invoiced": True}]}
    tenant.apply({"accounts": [moved]})
    after = tenant.ask("POST", "/v1/quota/check", json=order_of(order)).json()
    assert after["reason"] == "not_entitled"


def order_of(order: dict[str, str]) -> dict[str, str]:
    """Return a check of what an order would use."""
    return {name: value for name, value in order.items() if name != "source"}

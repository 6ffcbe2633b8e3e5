"""What is held stands against limits that come after it, and no longer against those that go."""

from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime, timedelta
from typing import Any

import psycopg
import pytest

from tests.api.test_quotas import ask, call, catalog
from tests.api.test_quotas_together import DAY, HOUR, consume, held, limited, used
from tests.serving import Served, Tenant
from tests.storming import post_at_once
from tests.waiting import wait_until

Json = Any


def grant(tenant: Tenant, feature: str, limit: str, *, to: str = "acme", **rest: object) -> str:
    """Grant an account a feature from now on; return the grant's id."""
    order = {"feature": feature, "limit": limit, "reason": "agreed", **rest}
    answer = tenant.ask("POST", f"/v1/accounts/{to}/entitlement-grants", json=order)
    assert answer.is_success, answer.text
    return str(answer.json()["id"])


def withdraw(tenant: Tenant, granted: str) -> None:
    """End a grant now."""
    path = f"/v1/entitlement-grants/{granted}/withdraw"
    answer = tenant.ask("POST", path, json={"reason": "a mistake"})
    assert answer.is_success, answer.text


def standing(tenant: Tenant, account: str) -> dict[str, tuple[str, str]]:
    """Return what is used and held of each limit that an account counts in."""
    answer = tenant.ask("GET", "/v1/quota/usage", params={"account": account})
    return {one["feature"]: (one["used"], one["held"]) for one in answer.json()["quotas"]}


def is_as_counted_anew(tenant: Tenant) -> bool:
    """Tell whether nothing differs from what it is a view of."""
    compared = tenant.ask("POST", "/v1/quota/compare", json={}).json()
    assert compared["differing"] == 0, compared
    return bool(compared["counters"])


def with_team(tenant: Tenant, **limits: str) -> None:
    """Apply a catalog in which acme has limits that a team below it shares."""
    limited(tenant, **limits)
    team = {"key": "team", "name": "Team", "zone": "UTC", "currency": "EUR", "parent": "acme"}
    tenant.apply({"accounts": [team]})


def test_a_limit_granted_later_sees_what_is_held(tenant: Tenant) -> None:
    """Two reserved and one leased of nine a month; then four a day are granted: one is left."""
    limited(tenant, calls="9")
    ask(tenant, "reserve", "calls", quantity="2", reservation="r")
    ask(tenant, "lease", "calls", quantity="1", lease="l")
    grant(tenant, "daily", "4")
    found = [consume(tenant, "calls", f"c{number}") for number in range(2)]
    assert [one["allowed"] for one in found] == [True, False]
    assert (found[1]["limited_by"], found[1]["used"], found[1]["held"]) == ("daily", "1", "3")
    assert held(tenant) == {"calls": "3", "daily": "3"}
    ask(tenant, "commit", reservation="r", quantity="1", source="s", id="r1")
    ask(tenant, "report", lease="l", events=[{"source": "s", "id": "l1"}], close=True)
    assert held(tenant) == {"calls": "0", "daily": "0"}
    assert used(tenant) == {"calls": "3", "daily": "3"}
    assert consume(tenant, "daily", "d1")["allowed"]
    assert not consume(tenant, "daily", "d2")["allowed"]
    assert is_as_counted_anew(tenant)


def test_a_counter_that_an_event_makes_sees_what_is_held(tenant: Tenant) -> None:
    """Nobody asks: the first event after a grant makes its counter, and three are held of it."""
    limited(tenant, calls="9")
    ask(tenant, "reserve", "calls", quantity="3", reservation="r")
    grant(tenant, "daily", "4")
    tenant.send(call("i1", time=datetime.now(UTC).isoformat()))

    def is_made() -> bool:
        compared = tenant.ask("POST", "/v1/quota/compare", json={}).json()
        assert not [one for one in compared["differences"] if one["what"] == "held"], compared
        return bool(compared["counters"] == 2)

    wait_until(is_made, waiting_for="the counter", seconds_max=20)


def test_a_hold_that_stands_nowhere_is_found_and_mended(served: Served, tenant: Tenant) -> None:
    """Two reserved are held of the day no longer, by somebody's hand: told, and put right."""
    limited(tenant, calls="9", daily="4")
    ask(tenant, "reserve", "calls", quantity="2", reservation="r")
    with psycopg.connect(served.cluster.address("postgres", served.database)) as connection:
        planted = "DELETE FROM quota_hold WHERE workspace_id = %s AND part = 1"
        assert connection.execute(planted, [tenant.workspace]).rowcount == 1
    found = tenant.ask("POST", "/v1/quota/compare", json={"repair": True}).json()["differences"]
    told = {"account": "acme", "feature": "daily", "what": "held", "enforced": "0", "expected": "2"}
    assert found == [told]
    assert is_as_counted_anew(tenant)
    assert held(tenant) == {"calls": "2", "daily": "2"}


def test_no_hold_slips_by_a_limit_that_is_granted_meanwhile(tenant: Tenant) -> None:
    """Of 60 reservations, asked for while 20 a day are granted, 20 hold under both limits."""
    limited(tenant, calls="60")
    orders = [
        {"account": "acme", "feature": "calls", "reservation": f"r{number}", "quantity": "1"}
        for number in range(60)
    ]
    with ThreadPoolExecutor() as pool:
        storm = pool.submit(post_at_once, tenant, "/v1/quota/reserve", orders, clients=30)
        grant(tenant, "daily", "20")
        storm.result()
    wait_until(
        lambda: held(tenant) == {"calls": "20", "daily": "20"},
        waiting_for="the holds",
        seconds_max=20,
    )
    assert is_as_counted_anew(tenant)


def test_a_plan_with_another_feature_on_the_meter_sees_what_is_held(tenant: Tenant) -> None:
    """Leased of a feature that the new plan does not name: held, and spent, of the one it does."""
    limited(tenant, calls="9")
    ask(tenant, "lease", "calls", quantity="3", lease="l")
    document: Json = catalog(daily={"limit": "4"})
    plan = document["plans"][0] | {"version": 2}
    tenant.apply({"features": [DAY], "plans": [plan]})
    change = {"plan": "pro", "version": 2, "when": "now"}
    made = tenant.ask("POST", "/v1/subscriptions/acme-pro/changes", json=change)
    assert made.is_success, made.text
    assert ask(tenant, "check", "daily", quantity="2")["held"] == "3"
    spent = [{"source": "s", "id": "a"}, {"source": "s", "id": "b"}]
    assert ask(tenant, "report", lease="l", events=spent, close=True)["allowed"]
    assert standing(tenant, "acme") == {"daily": ("2", "0")}


def test_an_account_below_takes_what_it_holds_along(tenant: Tenant) -> None:
    """A team with a grant of its own holds and uses of that, not of the pool; and back again."""
    with_team(tenant, calls="9")
    of_team: Json = {"account": "team", "feature": "calls", "quantity": "3"}
    ask(tenant, "reserve", reservation="r", **of_team)
    assert standing(tenant, "acme") == {"calls": ("0", "3")}
    own = grant(tenant, "calls", "4", to="team")
    assert not ask(tenant, "check", account="team", feature="calls", quantity="2")["allowed"]
    assert standing(tenant, "team") == {"calls": ("0", "3")}
    assert standing(tenant, "acme") == {"calls": ("0", "0")}
    withdraw(tenant, own)
    assert consume(tenant, "calls", "a1")["held"] == "3"
    grant(tenant, "calls", "4", to="team")
    committed = ask(tenant, "commit", reservation="r", quantity="1", source="s", id="t1")
    assert (committed["allowed"], committed["limit"], committed["used"]) == (True, "4", "1")
    assert standing(tenant, "team") == {"calls": ("1", "0")}
    assert standing(tenant, "acme") == {"calls": ("1", "0")}
    wait_until(lambda: is_as_counted_anew(tenant), waiting_for="the comparison", seconds_max=10)


def test_a_limit_above_sees_what_is_held_below(tenant: Tenant) -> None:
    """A team's reservation is held of a limit that its customer is granted afterwards."""
    with_team(tenant, calls="9")
    ask(tenant, "reserve", account="team", feature="calls", quantity="3", reservation="r")
    grant(tenant, "daily", "3")
    assert not consume(tenant, "daily", "d1")["allowed"]
    ask(tenant, "release", reservation="r")
    assert consume(tenant, "daily", "d2")["allowed"]
    assert standing(tenant, "team") == {"calls": ("1", "0"), "daily": ("1", "0")}


def test_a_restriction_that_is_lifted_had_seen_what_is_held(tenant: Tenant) -> None:
    """Reserved while the day's limit is off: once it holds again, nothing more is left of it."""
    limited(tenant, calls="9", daily="3")
    order = {"feature": "daily", "reason": "trial"}
    made = tenant.ask("POST", "/v1/accounts/acme/restrictions", json=order)
    assert made.is_success, made.text
    ask(tenant, "reserve", "calls", quantity="3", reservation="r")
    path = f"/v1/restrictions/{made.json()['id']}/lift"
    lifted = tenant.ask("POST", path, json={"reason": "over"})
    assert lifted.is_success, lifted.text
    refused = consume(tenant, "calls", "c1")
    assert (refused["allowed"], refused["limited_by"], refused["held"]) == (False, "daily", "3")


def test_what_exists_counts_under_its_holder(tenant: Tenant) -> None:
    """A team's user counts in the team's own grant once it has one, and goes from there."""
    tenant.apply(catalog(users={"limit": "2"}))
    team = {"key": "team", "name": "Team", "zone": "UTC", "currency": "EUR", "parent": "acme"}
    tenant.apply({"accounts": [team]})
    ask(tenant, "acquire", "users", unit="bob")
    ask(tenant, "acquire", account="team", feature="users", unit="ann")
    assert not ask(tenant, "check", "users", quantity="1")["allowed"]
    grant(tenant, "users", "1", to="team")
    assert not ask(tenant, "acquire", account="team", feature="users", unit="eve")["allowed"]
    assert ask(tenant, "check", "users", quantity="1")["allowed"]
    gone = ask(tenant, "give-back", account="team", feature="users", unit="ann")
    assert (gone["used"], gone["duplicate"]) == ("0", False)
    assert standing(tenant, "acme")["users"] == ("1", "0")
    assert is_as_counted_anew(tenant)


def test_nothing_is_held_beyond_a_change_that_is_known(tenant: Tenant) -> None:
    """A grant that ends in ten minutes: what is taken of its meter for an hour ends with it."""
    limited(tenant, calls="9")
    end = (datetime.now(UTC) + timedelta(minutes=10)).replace(microsecond=0)
    grant(tenant, "daily", "4", end=end.isoformat())
    lease = ask(tenant, "lease", "calls", quantity="3", lease="l", seconds=3_600)["lease"]
    assert datetime.fromisoformat(lease["expires_at"]) <= end
    longer = ask(tenant, "report", lease="l", more="1", seconds=3_600)["lease"]
    assert (longer["granted"], longer["expires_at"]) == ("4", lease["expires_at"])


@pytest.mark.parametrize("feature", [DAY, HOUR], ids=["day", "hour"])
def test_what_is_spent_of_what_nothing_grants_any_longer_is_not_lost(
    tenant: Tenant, feature: Json
) -> None:
    """A grant is withdrawn under a lease: what was spent of it is an event, and the lease ends."""
    limited(tenant, calls="9")
    granted = grant(tenant, feature["key"], "4")
    ask(tenant, "lease", feature["key"], quantity="3", lease="l")
    withdraw(tenant, granted)
    spent = [{"source": "s", "id": "a"}, {"source": "s", "id": "b"}]
    told = ask(tenant, "report", lease="l", events=spent, close=True)
    assert (told["allowed"], told["lease"]["spent"], told["not_counted"]) == (True, "2", [])
    consume(tenant, feature["key"], "c", happened=True)
    assert standing(tenant, "acme") == {"calls": ("3", "0")}

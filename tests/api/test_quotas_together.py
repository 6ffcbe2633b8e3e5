"""Several limits on one meter: a use counts under all of them, or under none."""

from datetime import UTC, datetime, timedelta
from typing import Any

from tests.api.test_quotas import ask, call, catalog, usage
from tests.serving import Tenant
from tests.storming import post_at_once
from tests.waiting import wait_until

Json = Any
DAY = {"key": "daily", "kind": "metered", "meter": "calls", "window": {"every": "day"}}
HOUR = {"key": "hourly", "kind": "metered", "meter": "calls", "window": {"every": "hour"}}
MINUTE = {"key": "brief", "kind": "metered", "meter": "calls", "window": {"rolling_seconds": 3600}}


def limited(tenant: Tenant, **limits: str) -> None:
    """Apply a catalog in which acme has limits of several windows on one meter."""
    document: Json = catalog(**{key: {"limit": limit} for key, limit in limits.items()})
    document["features"] += [DAY, HOUR, MINUTE]
    tenant.apply(document)


def consume(tenant: Tenant, feature: str, id_: str, **rest: object) -> Json:
    """Use one call."""
    return ask(tenant, "consume", feature, source="s", id=id_, **rest)


def used(tenant: Tenant) -> dict[str, str]:
    """Return what stands against each limit."""
    answer = tenant.ask("GET", "/v1/quota/usage", params={"account": "acme"})
    return {one["feature"]: one["used"] for one in answer.json()["quotas"]}


def test_the_tightest_of_several_windows_decides(tenant: Tenant) -> None:
    """Three a day of five a month: the fourth is refused by the day, which is told; none counts."""
    limited(tenant, calls="5", daily="3", brief="4")
    allowed = [consume(tenant, "calls", f"c{n}")["allowed"] for n in range(3)]
    refused = consume(tenant, "calls", "c3")
    assert (allowed, refused["allowed"]) == ([True] * 3, False)
    told = (refused["feature"], refused["limited_by"], refused["limit"], refused["used"])
    assert told == ("calls", "daily", "3", "3")
    assert refused["message"].endswith("This is the limit of daily.")
    assert used(tenant) == {"calls": "3", "daily": "3", "brief": "3"}
    checked = ask(tenant, "check", "brief", quantity="1")
    assert (checked["allowed"], checked["limited_by"]) == (False, "daily")
    assert ask(tenant, "check", "daily")["limited_by"] == ""


def test_a_use_counts_once_under_each_limit(tenant: Tenant) -> None:
    """Decided, then read from the log, then counted anew: two calls and one ingested are three."""
    limited(tenant, calls="9", daily="9", brief="9")
    for number in range(2):
        consume(tenant, "daily", f"c{number}")
    tenant.send(call("i1", time=datetime.now(UTC).isoformat()))
    wait_until(
        lambda: usage(tenant, "daily")["used"] == "3", waiting_for="the counter", seconds_max=20
    )
    assert used(tenant) == {"calls": "3", "daily": "3", "brief": "3"}
    compared = tenant.ask("POST", "/v1/quota/compare", json={}).json()
    assert (compared["counters"], compared["differing"]) == (3, 0), compared


def test_a_storm_passes_no_window(tenant: Tenant) -> None:
    """Of 200 uses asked for under either name at once, the 40 of the tighter one are allowed."""
    limited(tenant, calls="60", daily="40")
    orders = [
        {"account": "acme", "feature": ("calls", "daily")[n % 2], "source": "s", "id": f"e{n}"}
        for n in range(200)
    ]
    found = post_at_once(tenant, "/v1/quota/consume", orders, clients=50)
    assert sum(one["allowed"] for one in found) == 40
    assert used(tenant) == {"calls": "40", "daily": "40"}


def test_what_happened_counts_under_each_limit(tenant: Tenant) -> None:
    """Let through while nobody could ask: it counts in the window that refuses, too."""
    limited(tenant, calls="5", daily="1")
    for number in range(3):
        consume(tenant, "calls", f"c{number}", happened=True)
    assert used(tenant) == {"calls": "3", "daily": "3"}


def test_what_is_held_is_used_under_each_limit(tenant: Tenant) -> None:
    """A lease gets no more than the tightest leaves; what it and a reservation spend counts."""
    limited(tenant, calls="9", daily="3")
    lease = ask(tenant, "lease", "calls", quantity="9", lease="l1")
    assert lease["lease"]["granted"] == "3"
    spent = [{"source": "s", "id": "a", "quantity": "1"}]
    ask(tenant, "report", lease="l1", events=spent, close=True)
    ask(tenant, "reserve", "calls", quantity="1", reservation="r")
    ask(tenant, "commit", reservation="r", quantity="1", source="s", id="b")
    assert used(tenant) == {"calls": "2", "daily": "2"}
    refused = ask(tenant, "reserve", "calls", quantity="2", reservation="q")
    assert (refused["allowed"], refused["limited_by"]) == (False, "daily")


def held(tenant: Tenant) -> dict[str, str]:
    """Return what is held of each limit."""
    answer = tenant.ask("GET", "/v1/quota/usage", params={"account": "acme"})
    return {one["feature"]: one["held"] for one in answer.json()["quotas"]}


def test_what_is_reserved_is_held_of_each_limit(tenant: Tenant) -> None:
    """Two of three a day reserved by the month: by the day one is left, until they return."""
    limited(tenant, calls="9", daily="3", brief="9")
    ask(tenant, "reserve", "calls", quantity="2", reservation="r")
    ask(tenant, "reserve", "brief", quantity="1", reservation="q")
    assert held(tenant) == {"calls": "3", "daily": "3", "brief": "3"}
    refused = consume(tenant, "daily", "d1")
    assert (refused["allowed"], refused["used"], refused["held"]) == (False, "0", "3")
    ask(tenant, "release", reservation="q")
    ask(tenant, "commit", reservation="r", quantity="1", source="s", id="c1")
    assert consume(tenant, "daily", "d1")["allowed"]
    assert used(tenant) == {"calls": "2", "daily": "2", "brief": "2"}
    assert set(held(tenant).values()) == {"0"}


def test_what_is_leased_is_held_of_each_limit(tenant: Tenant) -> None:
    """A lease by the month leaves nothing of the hour, ends with it, and is spent under both."""
    limited(tenant, calls="9", hourly="3")
    order: Json = {"quantity": "3", "lease": "l1", "seconds": 3_600}
    lease = ask(tenant, "lease", "calls", **order)["lease"]
    hour = ask(tenant, "check", "hourly", quantity="1")
    assert (lease["granted"], hour["allowed"], hour["held"]) == ("3", False, "3")
    assert lease["expires_at"] == hour["resets_at"]
    assert ask(tenant, "lease", "hourly", quantity="1", lease="l2")["lease"] is None
    spent = [{"source": "s", "id": "a", "quantity": "1"}]
    told = ask(tenant, "report", lease="l1", events=spent, more="5")
    assert told["lease"]["granted"] == "3"
    assert used(tenant) == {"calls": "1", "hourly": "1"}
    assert held(tenant) == {"calls": "2", "hourly": "2"}
    ask(tenant, "report", lease="l1", close=True)
    assert ask(tenant, "report", lease="l1", more="1")["reason"] == "expired"
    assert ask(tenant, "lease", "hourly", quantity="9", lease="l3")["lease"]["granted"] == "2"


def test_a_storm_of_holds_passes_no_window(tenant: Tenant) -> None:
    """Of 120 reservations asked for under either name at once, the 40 of the tighter one hold."""
    limited(tenant, calls="60", daily="40")
    orders = [
        {
            "account": "acme",
            "feature": ("calls", "daily")[n % 2],
            "reservation": f"r{n}",
            "quantity": "1",
        }
        for n in range(120)
    ]
    found = post_at_once(tenant, "/v1/quota/reserve", orders, clients=50)
    assert sum(one["allowed"] for one in found) == 40
    assert held(tenant) == {"calls": "40", "daily": "40"}


def test_a_lowered_limit_recalls_a_lease_once(tenant: Tenant) -> None:
    """Three of five too many under one limit, and so under the other: a lease of five keeps two."""
    limited(tenant, calls="2", daily="2")
    order: Json = {"limit": "3", "adds": True, "reason": "goodwill"}
    made = [
        tenant.ask("POST", "/v1/accounts/acme/entitlement-grants", json={**order, "feature": key})
        for key in ("calls", "daily")
    ]
    assert ask(tenant, "lease", "calls", quantity="9", lease="l")["lease"]["granted"] == "5"
    for one in made:
        path = f"/v1/entitlement-grants/{one.json()['id']}/withdraw"
        assert tenant.ask("POST", path, json={"reason": "a mistake"}).is_success
    wait_until(
        lambda: held(tenant) == {"calls": "2", "daily": "2"},
        waiting_for="the recall",
        seconds_max=30,
    )
    compared = tenant.ask("POST", "/v1/quota/compare", json={}).json()
    assert (compared["counters"], compared["differing"]) == (2, 0), compared


def test_several_calls_spent_at_once_are_several_events(tenant: Tenant) -> None:
    """Of a meter that counts events, a use of 3 is three of them, also when it is told again."""
    limited(tenant, calls="9")
    ask(tenant, "lease", "calls", quantity="5", lease="l1")
    spent = [{"source": "s", "id": "a", "quantity": "3"}, {"source": "s", "id": "b"}]
    for _ in range(2):
        told = ask(tenant, "report", lease="l1", events=spent)
        assert (told["allowed"], told["used"], told["held"]) == (True, "4", "1")
    asked = {"meter": "calls", "start": "2026-01-01T00:00:00Z", "end": "2100-01-01T00:00:00Z"}

    def counted() -> bool:
        items = tenant.ask("GET", "/v1/usage", params=asked).json()["items"]
        return bool(items and items[0]["quantity"] == "4")

    wait_until(counted, waiting_for="four events", seconds_max=20)


def test_a_rolling_window_is_what_its_events_make_it(tenant: Tenant) -> None:
    """Used now, and half an hour ago: in the log, each slice is that of a rebuild."""
    limited(tenant, brief="9")
    earlier = (datetime.now(UTC) - timedelta(minutes=30)).isoformat()
    consume(tenant, "brief", "c1")
    consume(tenant, "brief", "c2", happened=True, time=earlier)
    asked = {"meter": "calls", "start": "2026-01-01T00:00:00Z", "end": "2100-01-01T00:00:00Z"}

    def is_logged() -> bool:
        items = tenant.ask("GET", "/v1/usage", params=asked).json()["items"]
        return bool(items and items[0]["quantity"] == "2")

    wait_until(is_logged, waiting_for="both events", seconds_max=20)
    compared = tenant.ask("POST", "/v1/quota/compare", json={}).json()
    assert (compared["counters"], compared["differing"]) == (1, 0), compared


def test_a_use_that_waits_for_the_log_counts_at_its_instant(tenant: Tenant) -> None:
    """Counted anew before the log has them, uses of earlier stand in their own slices."""
    limited(tenant, brief="99")
    for number, minutes in enumerate((90, 30, 10)):
        used_at = (datetime.now(UTC) - timedelta(minutes=minutes)).isoformat()
        consume(tenant, "brief", f"c{number}", happened=True, time=used_at)
        order = {"feature": "brief", "limit": "1", "adds": True, "reason": "goodwill"}
        granted = tenant.ask("POST", "/v1/accounts/acme/entitlement-grants", json=order)
        assert granted.is_success, granted.text
        ask(tenant, "check", "brief")
    asked = {"meter": "calls", "start": "2026-01-01T00:00:00Z", "end": "2100-01-01T00:00:00Z"}

    def is_logged() -> bool:
        items = tenant.ask("GET", "/v1/usage", params=asked).json()["items"]
        return bool(items and items[0]["quantity"] == "3")

    wait_until(is_logged, waiting_for="the uses", seconds_max=20)
    compared = tenant.ask("POST", "/v1/quota/compare", json={}).json()
    assert (compared["counters"], compared["differing"]) == (1, 0), compared
    assert used(tenant)["brief"] == "2"


def test_a_restriction_within_a_pool_is_held_against_the_pool(tenant: Tenant) -> None:
    """Held to 3 of the 10 that it shares, a team may use nothing once the pool has used 3."""
    limited(tenant, calls="10")
    team = {"key": "team", "name": "Team", "zone": "UTC", "currency": "EUR", "parent": "acme"}
    tenant.apply({"accounts": [team]})
    order = {"feature": "calls", "limit": "3", "reason": "trial"}
    made = tenant.ask("POST", "/v1/accounts/team/restrictions", json=order)
    assert made.status_code in {200, 201}, made.text
    for number in range(2):
        consume(tenant, "calls", f"c{number}")
    of_team: Json = {"account": "team", "feature": "calls", "source": "s"}
    found = [ask(tenant, "consume", **of_team, id=f"t{number}") for number in range(2)]
    assert [one["allowed"] for one in found] == [True, False]
    assert found[1]["limit"] == "3"
    assert consume(tenant, "calls", "c9")["allowed"]


def test_a_use_that_the_log_has_otherwise_counts_under_no_limit(tenant: Tenant) -> None:
    """Somebody ingests another event under its id first: every counter lets go of the use."""
    limited(tenant, calls="99", daily="99", brief="99")
    stood = 0
    for id_ in (f"x{number}" for number in range(50)):
        consume(tenant, "calls", id_)
        other = {**call(id_, data={"n": 1}), "source": "s", "subject": "nobody"}
        sent = {"specversion": "1.0", **other}
        form = {"content-type": "application/cloudevents+json"}
        if tenant.ask("POST", "/v1/events", json=sent, headers=form).status_code == 202:
            break
        stood += 1  # the use was in the log before
    wait_until(
        lambda: set(used(tenant).values()) == {str(stood)},
        waiting_for="the use to be taken off",
        seconds_max=10,
    )
    compared = tenant.ask("POST", "/v1/quota/compare", json={}).json()
    assert compared["differing"] == 0

"""Rows about what is held and used, put to a server whose workspace has a clock of its own."""

from collections.abc import Mapping
from typing import Any

from tests.api.test_clocks import advance, trial_of
from tests.api.test_quotas import ask, catalog
from tests.notation import Row, numbers
from tests.serving import Served, Tenant

Json = Any
NOON = "2026-03-10T12:00:00Z"
DAY = {"key": "daily", "kind": "metered", "meter": "tokens", "window": {"every": "day"}}


def limited(served: Served, **limits: Mapping[str, object]) -> Tenant:
    """Return a workspace at a noon in March in which acme has limits on tokens."""
    tenant = trial_of(served, clock_at=NOON)
    document: Json = catalog(**limits)
    document["features"].append(DAY)
    tenant.apply(document)
    return tenant


def whole(row: Row) -> list[int]:
    """Return the whole numbers in the situation of a row."""
    return [int(number) for number in numbers(row["situation"])]


def consume(tenant: Tenant, feature: str, id_: str, quantity: int, account: str = "acme") -> Json:
    """Use so much at once."""
    event = {"source": "s", "id": id_, "quantity": str(quantity)}
    return ask(tenant, "consume", account=account, feature=feature, **event)


def stands(tenant: Tenant, feature: str = "tokens") -> tuple[int, int]:
    """Return what is used and held of a limit."""
    answer = tenant.ask("GET", "/v1/quota/usage", params={"account": "acme"}).json()
    (line,) = (one for one in answer["quotas"] if one["feature"] == feature)
    return int(line["used"]), int(line["held"])


def reserved(row: Row, served: Served) -> Tenant:
    """Return a workspace in which so much is reserved for an hour."""
    tenant = limited(served, tokens={"limit": "5000"})
    quantity = str(whole(row)[0])
    order: Json = {"quantity": quantity, "reservation": "r", "seconds": 3_600}
    assert ask(tenant, "reserve", "tokens", **order)["allowed"]
    assert stands(tenant) == (0, int(quantity))
    return tenant


def check_confirmed(row: Row, served: Served) -> None:
    """What is confirmed of a reservation is used, and the rest returns."""
    tenant = reserved(row, served)
    held, used = whole(row)
    ask(tenant, "commit", reservation="r", quantity=str(used), source="s", id="c")
    net, returned = (int(number) for number in numbers(row["expected"]))
    assert (stands(tenant), held - used) == ((net, 0), returned)


def check_released(row: Row, served: Served) -> None:
    """What is released leaves nothing."""
    tenant = reserved(row, served)
    ask(tenant, "release", reservation="r")
    assert row["expected"] == "balance unchanged"
    assert stands(tenant) == (0, 0)


def check_expired(row: Row, served: Served) -> None:
    """What is reserved is held until its expiry, and not at that instant."""
    tenant = reserved(row, served)
    advance(tenant, to="2026-03-10T12:59:59Z")
    before = stands(tenant)
    advance(tenant, to="2026-03-10T13:00:00Z")
    assert row["expected"] == "returned at the expiry instant"
    assert (before, stands(tenant)) == ((0, whole(row)[0]), (0, 0))


def check_unpriced(row: Row, served: Served) -> None:
    """Overage that an override allows, and no price charges, is used and not invoiced."""
    tenant = limited(served, tokens={"limit": "1000"})
    assert not consume(tenant, "tokens", "c0", 1300)["allowed"]
    override = {"feature": "tokens", "limit": "1000", "overage": {"action": "notify"}}
    path = "/v1/accounts/acme/entitlement-grants"
    assert tenant.ask("POST", path, json={**override, "reason": "agreed"}).is_success
    allowed = consume(tenant, "tokens", "c1", 1300)
    assert (allowed["reason"], allowed["overage"]) == ("overage", "300")
    assert stands(tenant) == (1300, 0)
    issued = advance(tenant, to="2026-04-01T12:00:00Z")["issued"]
    found = [tenant.ask("GET", f"/v1/invoices/{one}").json() for one in issued]
    assert found
    lines = {line["price"] for one in found for line in one["lines"]}
    assert ("nothing invoiced" in row["expected"], lines) == (True, {"base"})


def check_cap_of_a_day(row: Row, served: Served) -> None:
    """The day blocks what the month would still allow, and the next day allows it."""
    month, day, used, more = whole(row)
    tenant = limited(served, tokens={"limit": str(month)}, daily={"limit": str(day)})
    assert consume(tenant, "tokens", "c1", used)["allowed"]
    blocked = consume(tenant, "tokens", "c2", more)
    assert (blocked["allowed"], blocked["limited_by"]) == (False, "daily")
    advance(tenant, to="2026-03-11T00:00:00Z")
    assert consume(tenant, "tokens", "c2", more)["allowed"]
    assert (stands(tenant), stands(tenant, "daily")) == ((used + more, 0), (more, 0))


def check_tightest(row: Row, served: Served) -> None:
    """Of a feature's cap and the pool's, each decides where it is the tighter one."""
    cap = whole(row)[0]
    for pool, tightest in ((cap + 90, "daily"), (cap - 2, "tokens")):
        limits = {"tokens": {"limit": str(pool)}, "daily": {"limit": str(cap)}}
        tenant = limited(served, **limits)
        most = min(pool, cap)
        assert consume(tenant, "daily", "c1", most)["allowed"]
        refused = consume(tenant, "daily", "c2", 1)
        assert not refused["allowed"]
        assert (refused["limited_by"] or "daily", refused["limit"]) == (tightest, str(most))


def check_entities(row: Row, served: Served) -> None:
    """An entity stops at its day, and all of them together at the customer's month."""
    month, day = whole(row)
    tenant = limited(served, tokens={"limit": str(month)})
    names = [f"e{number}" for number in range(month // day + 1)]
    entity = {"zone": "UTC", "currency": "EUR", "parent": "acme"}
    tenant.apply({"accounts": [{**entity, "key": name, "name": name} for name in names]})
    for name in names:
        order = {"feature": "daily", "limit": str(day), "reason": "each the same"}
        path = f"/v1/accounts/{name}/entitlement-grants"
        assert tenant.ask("POST", path, json=order).is_success
    for name in names[:-1]:
        assert consume(tenant, "tokens", f"{name}-1", day, name)["allowed"]
    stopped = consume(tenant, "tokens", "e0-2", 1, "e0")
    last = consume(tenant, "tokens", "last", 1, names[-1])
    assert (stopped["allowed"], last["allowed"]) == (False, False)
    assert (last["limit"], last["used"]) == (str(month), str(month))
    advance(tenant, to="2026-03-11T00:00:00Z")
    assert not consume(tenant, "tokens", "e0-3", 1, "e0")["allowed"]

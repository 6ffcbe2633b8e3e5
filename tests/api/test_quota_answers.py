"""What answers about quotas say: never more than was granted, and always why."""

from tests.api.test_quotas import ask, call, catalog, usage
from tests.serving import Tenant


def test_a_repeat_of_something_else_in_the_log_is_a_conflict(tenant: Tenant) -> None:
    """An id that the log has for another quantity lets nothing pass; the same is a repeat."""
    tenant.apply(catalog(calls={"limit": "3"}, tokens={"limit": "9"}))
    tenant.send(call("i1", type="llm.tokens", data={"used": {"tokens": 4}}))
    again = ask(tenant, "consume", "tokens", source="shop", id="i1", quantity="4")
    assert (again["allowed"], again["duplicate"]) == (True, True)
    for feature, quantity in (("tokens", "5"), ("calls", "1")):
        other = ask(tenant, "consume", feature, source="shop", id="i1", quantity=quantity)
        assert (other["allowed"], other["reason"]) == (False, "conflict")


def test_a_reservation_asked_again_for_more_is_a_conflict(tenant: Tenant) -> None:
    """Nobody is told that 5 are held where 2 are."""
    tenant.apply(catalog(tokens={"limit": "9"}))
    held = {"reservation": "r1", "quantity": "2"}
    assert ask(tenant, "reserve", "tokens", **held)["allowed"]
    assert ask(tenant, "reserve", "tokens", **held)["duplicate"]
    more = ask(tenant, "reserve", "tokens", **{**held, "quantity": "5"})
    assert (more["allowed"], more["reason"], more["held"]) == (False, "conflict", "2")


def test_a_unit_that_exists_is_not_acquired_larger(tenant: Tenant) -> None:
    """A unit of 1 asked for as 50 of 3 is refused, and says as what it is counted."""
    tenant.apply(catalog(users={"limit": "3"}))
    assert ask(tenant, "acquire", "users", unit="u1")["allowed"]
    assert ask(tenant, "acquire", "users", unit="u1", quantity="1.0")["duplicate"]
    larger = ask(tenant, "acquire", "users", unit="u1", quantity="50")
    assert (larger["allowed"], larger["reason"], larger["used"]) == (False, "conflict", "1")
    assert "counted as 1" in larger["message"]


def test_a_body_that_is_no_text_is_a_problem(tenant: Tenant) -> None:
    """A NUL, and bytes that are not UTF-8, are refused by themselves; nobody else hears of it."""
    tenant.apply(catalog(calls={"limit": "3"}))
    for body, status in (
        (b'{"account": "a\\u0000", "feature": "calls"}', 422),
        (b'{"account": "\xff", "feature": "calls"}', 400),
    ):
        answer = tenant.ask("POST", "/v1/quota/check", content=body)
        assert (answer.status_code, answer.json()["status"]) == (status, status)


def test_what_became_of_a_reservation_is_said(tenant: Tenant) -> None:
    """A second use of what was committed says so; a repeat says whose it is; neither offers."""
    tenant.apply(catalog(tokens={"limit": "9", "overage": {"action": "block", "offer": True}}))
    ask(tenant, "reserve", "tokens", reservation="r1", quantity="2")
    use = {"reservation": "r1", "quantity": "2", "source": "shop", "id": "c1"}
    assert ask(tenant, "commit", **use)["allowed"]
    again = ask(tenant, "commit", **use)
    assert (again["duplicate"], again["account"]) == (True, "acme")
    other = ask(tenant, "commit", **{**use, "id": "c2"})
    assert (other["reason"], other["offer"]) == ("expired", None)
    assert "was committed" in other["message"]


def test_what_is_left_of_a_burst_is_told(tenant: Tenant) -> None:
    """Of 1 a minute and 5 at once, 4 used leave 1; none is left when a use is refused."""
    tenant.apply(catalog(rate={"limit": "1", "burst": "5"}))
    assert ask(tenant, "consume", "rate", quantity="4")["remaining"].startswith("1")
    ask(tenant, "consume", "rate", quantity="1")
    refused = tenant.ask(
        "POST", "/v1/quota/consume", json={"account": "acme", "feature": "rate", "quantity": "1"}
    )
    assert (refused.json()["allowed"], refused.headers["ratelimit"].split(";")[1]) == (False, "r=0")
    assert usage(tenant, "rate")["remaining"].startswith("0")


def test_nothing_is_left_under_a_restriction(tenant: Tenant) -> None:
    """Of a limit of 3 that is restricted nothing is left, in decisions and in the list."""
    tenant.apply(catalog(calls={"limit": "3"}))
    restricted = {"feature": "calls", "reason": "abuse"}
    tenant.ask("POST", "/v1/accounts/acme/restrictions", json=restricted).raise_for_status()
    refused = ask(tenant, "check", "calls")
    assert (refused["reason"], refused["remaining"]) == ("restricted", "0")
    assert usage(tenant, "calls")["remaining"] == "0"


def test_a_key_of_one_account_does_not_see_what_others_hold(tenant: Tenant) -> None:
    """The account above holds 2 of the pool: those below see the sum, and not the names."""
    lab = {"key": "lab", "name": "Lab", "zone": "UTC", "currency": "EUR", "parent": "acme"}
    tenant.apply(catalog(tokens={"limit": "9"}))
    tenant.apply({"accounts": [lab | {"invoiced": False}]})
    ask(tenant, "reserve", "tokens", reservation="secret", quantity="2")
    _, token = tenant.make_key("read", account="lab")
    with tenant.client(token) as client:
        answer = client.get("/v1/quota/usage", params={"account": "lab"}).json()
    assert (answer["reservations"], answer["quotas"][0]["held"]) == ([], "2")
    whole = tenant.ask("GET", "/v1/quota/usage", params={"account": "acme"}).json()
    assert [one["key"] for one in whole["reservations"]] == ["secret"]


def test_a_refused_slice_says_which_limit_refuses(tenant: Tenant) -> None:
    """Of 9 tokens a month and 2 an hour, the hour refuses a second slice; 0 is no slice."""
    tenant.apply(catalog(tokens={"limit": "9"}, recent={"limit": "2"}))
    assert ask(tenant, "lease", "tokens", lease="l1", quantity="5")["lease"]["granted"] == "2"
    refused = ask(tenant, "lease", "tokens", lease="l2", quantity="5")
    assert (refused["allowed"], refused["limited_by"], refused["limit"]) == (False, "recent", "2")
    nothing = ask(tenant, "lease", "tokens", lease="l3", quantity="0")
    assert (nothing["reason"], nothing["message"]) == ("not_consumable", "Ask for more than 0.")


def test_a_use_without_a_name_is_told_to_have_one(tenant: Tenant) -> None:
    """A use of a metered feature needs source and id, and the answer says so."""
    tenant.apply(catalog(calls={"limit": "3"}))
    refused = ask(tenant, "consume", "calls", id="c1")
    assert refused["reason"] == "not_consumable"
    assert "source and id" in refused["message"]


def test_what_is_told_of_an_ended_lease_is_told_to_count(tenant: Tenant) -> None:
    """A late use is counted, and the answer says so, and that the lease has ended."""
    tenant.apply(catalog(calls={"limit": "3"}))
    ask(tenant, "lease", "calls", lease="l1", quantity="1")
    ask(tenant, "report", lease="l1", close=True)
    late = ask(tenant, "report", lease="l1", events=[{"source": "shop", "id": "c1"}])
    assert (late["reason"], late["used"]) == ("expired", "1")
    assert "counts" in late["message"]


def test_a_missing_parameter_is_named(tenant: Tenant) -> None:
    """The problem names the parameter as the address calls it, whatever the route does."""
    missing = tenant.ask("GET", "/v1/quota/usage").json()["errors"]
    assert [(one["code"], one["path"]) for one in missing] == [("missing_parameter", "account")]
    wrong = tenant.ask("GET", "/v1/accounts/acme/entitlements", params={"at": "soon"}).json()
    assert [one["path"] for one in wrong["errors"]] == ["at"]

"""What is reported of a lease: each use is taken or refused by itself, once, and told."""

from typing import Any

from tests.api.test_quotas import ask, catalog, usage
from tests.serving import Tenant

Json = Any


def spent(id_: str, quantity: str = "1", **rest: object) -> Json:
    """Return a use that was spent of a lease."""
    return {"source": "s", "id": id_, "quantity": quantity, **rest}


def standing(tenant: Tenant, feature: str) -> tuple[str, str]:
    """Return what is used and held of a limit."""
    found = usage(tenant, feature)
    return found["used"], found["held"]


def test_a_use_that_cannot_be_read_keeps_no_other_from_counting(tenant: Tenant) -> None:
    """Of 2, one unreadable, and 3: 5 count, the lease ends, and the answer names the one; again."""
    tenant.apply(catalog(tokens={"limit": "100"}))
    ask(tenant, "lease", "tokens", quantity="10", lease="l")
    unreadable = spent("b", "4", data={"used": {"tokens": 7}})
    events = [spent("a", "2"), unreadable, spent("c", "3")]
    for _ in range(2):
        told = ask(tenant, "report", lease="l", events=events, close=True)
        assert (told["allowed"], told["reason"]) == (False, "not_consumable")
        assert [(one["source"], one["id"]) for one in told["not_counted"]] == [("s", "b")]
        assert "would count 7" in told["not_counted"][0]["message"]
        assert told["message"].startswith("1 of 3 uses cannot be counted, the others are; s/b: ")
        assert (told["used"], told["held"], told["lease"]["spent"]) == ("5", "0", "5")
    again = ask(tenant, "report", lease="l", events=[spent("b", "4")])
    assert (again["reason"], again["not_counted"], again["used"]) == ("expired", [], "9")
    assert "counts" in again["message"]
    assert standing(tenant, "tokens") == ("9", "0")


def test_what_is_spent_beyond_a_slice_counts_once(tenant: Tenant) -> None:
    """Of a slice of 3, 5 are spent: 5 are used, nothing is held, and 1 of 6 is left."""
    tenant.apply(catalog(tokens={"limit": "6"}))
    ask(tenant, "lease", "tokens", quantity="3", lease="l")
    told = ask(tenant, "report", lease="l", events=[spent("a", "5")])
    assert (told["allowed"], told["used"], told["held"]) == (True, "5", "0")
    assert told["lease"]["spent"] == "3"
    assert ask(tenant, "report", lease="l", close=True)["remaining"] == "1"


def test_an_identity_that_is_something_else_is_told(tenant: Tenant) -> None:
    """One id for 2 and then for 3: the 2 count, and the other is told, not dropped in silence."""
    tenant.apply(catalog(tokens={"limit": "100"}))
    ask(tenant, "lease", "tokens", quantity="10", lease="l")
    ask(tenant, "report", lease="l", events=[spent("a", "2")])
    told = ask(tenant, "report", lease="l", events=[spent("a", "3"), spent("b", "1")])
    assert [one["id"] for one in told["not_counted"]] == ["a"]
    assert standing(tenant, "tokens") == ("3", "7")

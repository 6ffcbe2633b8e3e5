"""Credit over HTTP: given, used, given back, voided, and asked for at any instant."""

from typing import Any

import pytest

from tests.api.test_commands import CATALOG
from tests.serving import Tenant

Json = Any
TAXED = {"account": "a", "currency": "EUR", "kind": "paid", "treatment": "prepaid_taxed"}


@pytest.fixture
def sold(tenant: Tenant) -> Tenant:
    """Lend a workspace in which `a` bought 100.00 and was given 20.00."""
    tenant.apply(CATALOG)
    give(tenant, amount="100.00", key="bought")
    give(tenant, kind="promotional", treatment="", amount="20.00", key="given")
    return tenant


def give(tenant: Tenant, **terms: object) -> Json:
    """Give credit; it must be taken."""
    return post(tenant, "grants", {**TAXED, **terms})


def post(tenant: Tenant, what: str, document: object) -> Json:
    """Send a command about credit; it must be taken."""
    answer = tenant.ask("POST", f"/v1/credits/{what}", json=document)
    assert answer.is_success, answer.text
    return answer.json()


def debit(key: str, amount: str) -> dict[str, str]:
    """Return a debit of euros."""
    return {"account": "a", "key": key, "amount": amount, "currency": "EUR", "price": "traffic"}


def asked(tenant: Tenant, what: str, **query: str) -> Json:
    """Return an answer about the credit of `a`."""
    answer = tenant.ask("GET", f"/v1/credits/{what}", params={"account": "a", **query})
    assert answer.is_success, answer.text
    return answer.json()


def test_credit_is_used_in_order_and_comes_back(sold: Tenant) -> None:
    """Promotional before paid; what comes back goes to what was taken last."""
    taken = post(sold, "debits", debit("d1", "30"))
    assert [(part["grant"], part["amount"]) for part in taken["parts"]] == [
        ("given", "20"),
        ("bought", "10"),
    ]
    assert post(sold, "debits", debit("d1", "30")) == taken
    back = {"account": "a", "key": "b1", "of": "d1", "amount": "15", "price": "traffic"}
    post(sold, "returns", back)
    balance = asked(sold, "balance")
    assert balance["totals"] == [{"of": "EUR", "available": "105"}]
    assert [(lot["grant"], lot["left"]) for lot in balance["lots"]] == [
        ("given", "5"),
        ("bought", "100"),
    ]
    kinds = [one["kind"] for one in asked(sold, "transactions")]
    assert kinds == ["funded", "funded", "consumed", "consumed", "given_back", "given_back"]


def test_the_past_is_asked_by_its_instant(sold: Tenant) -> None:
    """Before anything was given there was nothing."""
    assert asked(sold, "balance", at="2020-01-01T00:00:00Z")["totals"] == [
        {"of": "EUR", "available": "0"}
    ]
    assert asked(sold, "transactions", at="2020-01-01T00:00:00Z") == []


def test_a_void_ends_a_grant(sold: Tenant) -> None:
    """What is left of it is gone; the journal earns what was paid."""
    post(sold, "grants/bought/void", {"reason": "closed"})
    left = {one["grant"]["key"]: one["left"] for one in asked(sold, "grants")}
    assert left == {"bought": "0", "given": "20"}
    again = sold.ask("POST", "/v1/credits/grants/bought/void", json={"reason": "closed"})
    assert (again.status_code, again.json()["code"]) == (409, "already_void")


def test_refusals_have_their_statuses(sold: Tenant) -> None:
    """What is not there is 404, what cannot be now is 409, what is wrong is 422."""
    for what, document, status in (
        ("debits", debit("d", "200"), 409),
        ("debits", {**debit("d", "1"), "account": "nobody"}, 404),
        ("debits", debit("d", "0"), 422),
        ("grants", {**TAXED, "amount": "1", "key": "bought"}, 409),
        ("grants", {**TAXED, "amount": "1", "treatment": ""}, 422),
        ("returns", {"account": "a", "key": "b", "of": "none", "amount": "1"}, 404),
    ):
        answer = sold.ask("POST", f"/v1/credits/{what}", json=document)
        assert answer.status_code == status, answer.text


def test_a_rule_buys_as_credit_is_used(sold: Tenant) -> None:
    """120.00 less 90.00 are below 50.00: 100.00 are bought with the debit, on an invoice."""
    rule = {
        "threshold": "50",
        "amount": "100",
        "currency": "EUR",
        "treatment": "prepaid_taxed",
    }
    post(sold, "top-up-rules/a", rule)
    post(sold, "debits", debit("d1", "90"))
    assert asked(sold, "balance")["totals"] == [{"of": "EUR", "available": "130"}]
    assert post(sold, "top-ups/due", {})["bought"] == []
    shown = sold.ask("GET", "/v1/credits/top-up-rules/a").json()
    assert [step for _, step in shown["steps"]] == ["bought", "recovered"]
    assert sold.ask("DELETE", "/v1/credits/top-up-rules/a").json()["rule"] is None

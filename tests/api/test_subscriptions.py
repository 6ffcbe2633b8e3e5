"""Contracts change over HTTP: tried first, agreed on once, billed by difference, taken back."""

from collections.abc import Mapping
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from typing import Any

import httpx
import pytest

from tests.serving import Tenant

MIDNIGHT = datetime.now(UTC).replace(hour=0, minute=0, second=0, microsecond=0)
START = (MIDNIGHT - timedelta(days=10)).date().isoformat()
# Anniversary periods of 31 days at least, of which 10 are over.
QUARTER = {"interval": "quarter", "alignment": "anniversary", "currency": "EUR"}
SUPPORT: dict[str, Any] = QUARTER | {
    "key": "support",
    "version": 1,
    "name": "Support",
    "add_on": True,
    "adds_to": ["basic"],
    "prices": [{"key": "base", "model": "flat", "amount": "50", "cadence": "advance"}],
}
CATALOG: dict[str, Any] = {
    "legal_entities": [
        {
            "key": "main",
            "name": "Main Ltd",
            "zone": "UTC",
            "currency": "EUR",
            "series_prefix": "INV",
        }
    ],
    "plans": [
        QUARTER
        | {
            "key": name,
            "version": 1,
            "name": name,
            "prices": [
                {"key": "base", "model": "flat", "amount": amount, "cadence": "advance"},
                {"key": "seats", "model": "unit", "unit_price": "5", "cadence": "advance"},
            ],
        }
        for name, amount in (("basic", "100.00"), ("team", "200.00"))
    ]
    + [SUPPORT],
    "accounts": [
        {"key": "acme", "name": "Acme", "zone": "UTC", "currency": "EUR", "invoiced": True}
    ],
    "subscriptions": [
        {
            "key": "acme-basic",
            "account": "acme",
            "plan": "basic",
            "version": 1,
            "legal_entity": "main",
            "start": START,
            "quantities": {"seats": "2"},
        }
    ],
}
CHANGES = "/v1/subscriptions/acme-basic/changes"
TODAY = MIDNIGHT.isoformat()


def run(tenant: Tenant) -> list[dict[str, Any]]:
    """Bill what is due, verify it, and return the documents."""
    answer = tenant.ask("POST", "/v1/invoices/run", json={})
    assert answer.status_code == 200, answer.text
    assert answer.json()["parked"] == []
    documents = []
    for invoice in answer.json()["issued"]:
        verdict = tenant.ask("POST", f"/v1/invoices/{invoice}/verify")
        assert verdict.status_code == 200, verdict.text
        documents.append(tenant.ask("GET", f"/v1/invoices/{invoice}").json())
    return documents


def change(tenant: Tenant, order: Mapping[str, object], **rest: Any) -> httpx.Response:  # noqa: ANN401 - what httpx takes
    """Send a change."""
    return tenant.ask("POST", CHANGES, json=order, **rest)


def money(documents: list[dict[str, Any]]) -> list[tuple[str, str, str]]:
    """Return type, price and money of each line."""
    return [
        (one["document_type"], line["price"], line["money"])
        for one in documents
        for line in one["lines"]
    ]


@pytest.fixture
def billed(tenant: Tenant) -> Tenant:
    """Lend a workspace whose one contract was billed its first fees in advance."""
    tenant.apply(CATALOG)
    assert money(run(tenant)) == [("invoice", "base", "100"), ("invoice", "seats", "10")]
    return tenant


def test_an_upgrade_is_billed_as_it_was_previewed(billed: Tenant) -> None:
    """What a dry run says would be issued is what a billing run issues; a second finds nothing."""
    order = {"plan": "team", "version": 1, "at": TODAY}
    told = change(billed, order | {"dry_run": True}).json()
    assert (told["direction"], told["dry_run"]) == ("upgrade", True)
    assert billed.ask("GET", CHANGES).json() == []
    assert run(billed) == []

    agreed = change(billed, order)
    assert agreed.status_code == 200, agreed.text
    assert agreed.json()["documents"] == []
    issued = run(billed)
    assert money(issued) == money(told["documents"])
    (_, _, more), (kind, _, less) = money(issued)
    assert kind == "credit_note"
    # What is charged and given back is for the same days, at 200.00 and at 100.00.
    assert abs(Decimal(more) + 2 * Decimal(less)) <= Decimal("0.01")
    assert run(billed) == []


def test_a_change_that_lies_ahead_is_called_what_it_does_to_the_fees(billed: Tenant) -> None:
    """Fees are compared where the change takes effect, not today, when both are the same."""
    ahead = {"at": (MIDNIGHT + timedelta(days=5)).date().isoformat(), "dry_run": True}
    more = change(billed, {"plan": "team", "version": 1} | ahead).json()
    assert (more["direction"], len(more["fees"])) == ("upgrade", 3)
    less = change(billed, {"quantities": {"seats": "1"}} | ahead).json()
    assert less["direction"] == "downgrade"


def test_a_downgrade_waits_for_the_period_to_end(billed: Tenant) -> None:
    """Less is due with the next period, unless the caller says otherwise."""
    told = change(billed, {"quantities": {"seats": "1"}, "dry_run": True}).json()
    begun = datetime.fromisoformat(START).replace(tzinfo=UTC)
    assert told["direction"] == "downgrade"
    assert datetime.fromisoformat(told["at"]) > begun + timedelta(days=80)
    fees = {(fee["price"], fee["before"], fee["after"]) for fee in told["fees"]}
    assert fees == {("seats", "10.00", "5.00")}
    now = change(billed, {"quantities": {"seats": "1"}, "when": "now", "dry_run": True}).json()
    assert now["documents"]


def test_a_change_that_lies_ahead_is_taken_back_and_one_in_force_is_not(billed: Tenant) -> None:
    """Withdrawing leaves the contract as it was; what is in force is changed by another change."""
    ahead = change(billed, {"quantities": {"seats": "1"}}).json()["id"]
    assert [each["id"] for each in billed.ask("GET", CHANGES).json()] == [ahead]
    assert billed.ask("POST", f"{CHANGES}/{ahead}/withdraw").status_code == 204
    assert billed.ask("GET", CHANGES).json() == []
    assert billed.ask("POST", f"{CHANGES}/{ahead}/withdraw").json()["errors"][0]["code"] == (
        "unknown_change"
    )
    past = change(billed, {"paused": True, "at": TODAY}).json()["id"]
    refused = billed.ask("POST", f"{CHANGES}/{past}/withdraw")
    assert refused.json()["errors"][0]["code"] == "in_force"
    again = change(billed, {"quantities": {"seats": "1"}}).json()["id"]
    assert again == ahead
    assert [each["id"] for each in billed.ask("GET", CHANGES).json()] == [past, ahead]


def test_applying_a_file_again_keeps_what_was_agreed_since(billed: Tenant) -> None:
    """A file that knows nothing of a change does not take it back; one that repeats it is equal."""
    change(billed, {"paused": True, "at": TODAY})
    applied = billed.apply(CATALOG)
    assert (applied["created"], applied["changed"]) == (0, 0)
    document = billed.ask("GET", "/v1/subscriptions/acme-basic").json()
    assert [each["paused"] for each in document["changes"]] == [True]
    assert billed.apply({"subscriptions": [document]})["changed"] == 0


def test_a_pause_gives_fees_back_and_an_end_stops_them(billed: Tenant) -> None:
    """From a pause on nothing is charged; an end now is billed like any other change."""
    change(billed, {"paused": True, "at": TODAY})
    paused = money(run(billed))
    assert {kind for kind, _, _ in paused} == {"credit_note"}
    ended = billed.ask("POST", "/v1/subscriptions/acme-basic/end", json={"when": "now"})
    assert ended.status_code == 200, ended.text
    run(billed)
    assert run(billed) == []


def test_the_same_key_agrees_once(billed: Tenant) -> None:
    """A change sent twice under one idempotency key has one effect and one answer."""
    headers = {"idempotency-key": "upgrade-1"}
    order = {"plan": "team", "version": 1, "at": TODAY}
    first, second = (change(billed, order, headers=headers) for _ in range(2))
    assert first.json() == second.json()
    assert len(billed.ask("GET", CHANGES).json()) == 1


@pytest.mark.parametrize(
    ("order", "code", "field"),
    [
        ({"plan": "teams", "version": 1}, "unknown_reference", "plan"),
        ({"plan": "team", "version": 9}, "unknown_reference", "version"),
        ({"plan": "team"}, "missing_field", "version"),
        ({"quantities": {"seat": "1"}}, "unknown_reference", "quantities.seat"),
        ({"quantities": {"base": "2"}}, "unknown_reference", "quantities.base"),
        ({"quantities": {"seats": "-1"}}, "wrong_value", "quantities.seats"),
        ({"paused": True, "at": "soon"}, "wrong_type", "at"),
        ({}, "missing_field", "plan"),
    ],
)
def test_what_cannot_be_agreed_on_is_refused(
    billed: Tenant, order: dict[str, Any], code: str, field: str
) -> None:
    """A refusal names the field of the change, and nothing is written."""
    answer = change(billed, order)
    assert answer.status_code == 422, answer.text
    problem = answer.json()["errors"][0]
    assert (problem["code"], problem["path"]) == (code, field)
    assert billed.ask("GET", CHANGES).json() == []


def test_changing_needs_the_billing_scope(billed: Tenant) -> None:
    """A key that may only read sees changes and agrees on none."""
    _, reader = billed.make_key("read")
    assert billed.ask("GET", CHANGES, token=reader).status_code == 200
    assert change(billed, {"paused": True}, token=reader).status_code == 403


def test_an_add_on_is_previewed_taken_and_billed(billed: Tenant) -> None:
    """What a preview tells is issued; the contract says afterwards what it has taken."""
    order = {"add_ons": [{"plan": "support", "version": 1, "quantity": "2"}], "at": START}
    told = change(billed, order | {"dry_run": True}).json()
    assert [fee["price"] for fee in told["fees"]] == ["support/base", "support/base"]
    agreed = change(billed, order)
    assert agreed.json()["direction"] == "upgrade"
    assert money(run(billed)) == [("invoice", "support/base", "100")] == money(told["documents"])
    shown = billed.ask("GET", "/v1/subscriptions/acme-basic").json()
    assert shown["changes"][0]["add_ons"] == [{"plan": "support", "version": 1, "quantity": "2"}]


def test_a_price_of_its_own_dated_back_is_given_back(billed: Tenant) -> None:
    """A contract's own fee from its start corrects what was charged, and stands in the contract."""
    own = {"key": "base", "model": "flat", "amount": "80.00", "cadence": "advance"}
    agreed = change(billed, {"prices": [own], "at": START})
    assert agreed.status_code == 200, agreed.text
    assert money(run(billed)) == [("credit_note", "base", "-20")]
    gone = change(billed, {"plan_prices": ["base"], "at": START})
    assert gone.status_code == 200, gone.text
    assert money(run(billed)) == [("invoice", "base", "20")]


@pytest.mark.parametrize(
    ("order", "field", "message"),
    [
        ({"plan": "support", "version": 1}, "plan", "is an add-on"),
        ({"add_ons": [{"plan": "team", "version": 1}]}, "add_ons[0].plan", "is no add-on"),
        (
            {"plan": "team", "version": 1, "add_ons": [{"plan": "support", "version": 1}]},
            "add_ons[0].plan",
            "adds to basic",
        ),
        (
            {"prices": [{"key": "bass", "model": "flat", "amount": "1"}]},
            "prices[0].key",
            'has no price "bass"',
        ),
        (
            {"prices": [{"key": "base", "model": "flat", "amount": "1"}]},
            "prices[0].cadence",
            "must be that of the price",
        ),
    ],
)
def test_what_does_not_fit_the_contract_is_refused(
    tenant: Tenant, order: dict[str, Any], field: str, message: str
) -> None:
    """An add-on goes with a plan to which it adds; an own price stands for one that is sold."""
    tenant.apply(CATALOG)
    refused = change(tenant, order)
    assert refused.status_code == 422, refused.text
    (error,) = refused.json()["errors"]
    assert error["path"] == field
    assert message in error["message"]


def test_the_plan_that_holds_now_is_named(billed: Tenant) -> None:
    """A subscription tells its present plan beside the one that it began with."""
    change(billed, {"plan": "team", "version": 1, "at": TODAY})
    for shown in (
        billed.ask("GET", "/v1/subscriptions/acme-basic?in_force=true").json(),
        billed.ask("GET", "/v1/subscriptions?in_force=true").json()["items"][0],
    ):
        assert shown["plan"] == "basic"
        assert shown["in_force"] == {"plan": "team", "version": 1, "usable": True}


def test_an_amount_is_set_by_hand_with_who_and_why(billed: Tenant) -> None:
    """The line says the caller and the reason; where no service period begins it is refused."""
    fact = {"price": "seats", "quantity": "1", "reason": "one was never delivered"}
    refused = change(billed, {"amounts": [fact], "at": TODAY})
    assert refused.json()["errors"][0]["code"] == "no_such_period"
    agreed = change(billed, {"amounts": [fact], "at": START})
    assert agreed.status_code == 200, agreed.text
    (document,) = run(billed)
    (line,) = document["lines"]
    assert (line["description"], line["money"]) == ("seats, set by hand, corrected", "-5")
    label = line["steps"][-1]["label"]
    assert label.startswith("set by hand by ")
    assert label.endswith(": one was never delivered")


def test_a_fee_that_is_charged_once_has_a_key_of_its_own(billed: Tenant) -> None:
    """It is billed at once and never again; a second under its key is refused."""
    once = {"fees": [{"key": "setup", "amount": "49.90"}], "at": TODAY}
    agreed = change(billed, once)
    assert agreed.status_code == 200, agreed.text
    assert money(run(billed)) == [("invoice", "setup", "49.9")]
    assert run(billed) == []
    again = change(billed, once | {"at": START})
    assert again.json()["errors"][0]["code"] == "duplicate_key"
    sold = change(billed, {"fees": [{"key": "base", "amount": "1"}], "at": TODAY})
    assert sold.json()["errors"][0]["path"] == "fees[0].key"


def test_a_contract_that_renews_ends_with_a_term_for_which_notice_can_be_given(
    tenant: Tenant,
) -> None:
    """An end waits for the term, or the next one where notice is late, unless told otherwise."""
    begun = datetime.fromisoformat(START).replace(tzinfo=UTC)
    for notice, least in ((1, 150), (179, 330)):
        contract = CATALOG["subscriptions"][0] | {
            "key": f"renews-{notice}",
            "term": {"periods": 2, "renews": True, "notice_days": notice},
        }
        tenant.apply(CATALOG | {"subscriptions": [contract]})
        path = f"/v1/subscriptions/{contract['key']}"
        told = tenant.ask("POST", f"{path}/end", json={"dry_run": True}).json()
        ends = datetime.fromisoformat(told["at"]) - begun
        assert timedelta(days=least) < ends < timedelta(days=least + 60)
        shown = tenant.ask("GET", path).json()
        assert shown["term"] == {"periods": 2, "renews": True, "notice_days": notice}
        now = tenant.ask("POST", f"{path}/end", json={"when": "now"}).json()
        assert datetime.fromisoformat(now["at"]) < begun + timedelta(days=12)


def test_a_block_of_changes_is_lifted_before_anything_else_is_agreed(billed: Tenant) -> None:
    """While changes are blocked nothing is agreed on but blocks; nor is the contract usable."""
    held = {"blocks": [{"change": True, "entitlement": True}], "at": TODAY}
    assert change(billed, held).status_code == 200
    refused = change(billed, {"paused": True, "at": TODAY})
    assert refused.json()["errors"][0]["code"] == "change_blocked"
    end = billed.ask("POST", "/v1/subscriptions/acme-basic/end", json={"when": "now"})
    assert end.json()["errors"][0]["code"] == "change_blocked"
    shown = billed.ask("GET", "/v1/subscriptions/acme-basic?in_force=true").json()
    assert shown["in_force"]["usable"] is False
    lifted = {"blocks": [{"change": False, "entitlement": False}], "at": TODAY}
    assert change(billed, lifted).status_code == 200
    assert change(billed, {"paused": True, "at": TODAY}).status_code == 200
    assert run(billed) != []


def test_what_is_agreed_already_is_agreed_for_then_and_not_for_now(billed: Tenant) -> None:
    """Asking again for what lies ahead names its instant and its id, and changes nothing."""
    at = (MIDNIGHT + timedelta(days=5)).isoformat()
    order = {"plan": "team", "version": 1, "at": at}
    first = change(billed, order).json()
    again = change(billed, order | {"dry_run": True}).json()
    assert datetime.fromisoformat(again["at"]) == datetime.fromisoformat(at)
    assert (again["id"], again["fees"]) == (first["id"], [])
    assert change(billed, order).json()["id"] == first["id"]
    assert len(billed.ask("GET", CHANGES).json()) == 1


def test_what_others_rest_on_is_not_withdrawn(billed: Tenant) -> None:
    """An add-on to the next plan keeps the change to that plan; once withdrawn, both go."""
    ahead = (MIDNIGHT + timedelta(days=5)).isoformat()
    later = (MIDNIGHT + timedelta(days=8)).isoformat()
    billed.apply({"plans": [{**SUPPORT, "key": "care", "adds_to": ["team"]}]})
    plan = change(billed, {"plan": "team", "version": 1, "at": ahead}).json()["id"]
    care = change(billed, {"add_ons": [{"plan": "care", "version": 1}], "at": later}).json()["id"]
    refused = billed.ask("POST", f"{CHANGES}/{plan}/withdraw")
    assert refused.status_code == 422
    problem = refused.json()["errors"][0]
    assert (problem["code"], care in problem["message"]) == ("needed", True)
    for each in (care, plan):
        assert billed.ask("POST", f"{CHANGES}/{each}/withdraw").status_code == 204


def test_an_end_stays_when_the_file_is_applied_again(billed: Tenant) -> None:
    """Who canceled over HTTP is not charged on because the catalog in git does not know of it."""
    ended = billed.ask("POST", "/v1/subscriptions/acme-basic/end", json={"when": "now"})
    assert ended.status_code == 200, ended.text
    assert billed.apply(CATALOG)["changed"] == 0
    assert billed.ask("GET", "/v1/subscriptions/acme-basic").json()["end"] == ended.json()["at"]
    back = [{**CATALOG["subscriptions"][0], "end": None}]
    assert billed.apply({"subscriptions": back})["changed"] == 1
    assert "end" not in billed.ask("GET", "/v1/subscriptions/acme-basic").json()

"""Changes of payer over HTTP: tried with their money, made once, by an operator."""

from datetime import timedelta
from typing import Any

import pytest

from tests.api.test_subscriptions import CATALOG, MIDNIGHT, run
from tests.serving import Tenant

MOVES = "/v1/accounts/acme/payer-changes"
TODAY = MIDNIGHT.isoformat()


@pytest.fixture
def billed(tenant: Tenant) -> Tenant:
    """Lend a workspace whose contract was billed to its subscriber, and another payer."""
    globe = {**CATALOG["accounts"][0], "key": "globe", "name": "Globe"}
    tenant.apply({**CATALOG, "accounts": [*CATALOG["accounts"], globe]})
    run(tenant)
    return tenant


def told(documents: list[dict[str, Any]]) -> list[tuple[str, str, str, str]]:
    """Return of each line who pays it, on which document."""
    return [
        (one["account"], one["document_type"], line["price"], line["money"])
        for one in documents
        for line in one["lines"]
    ]


def test_what_is_previewed_is_billed_and_a_preview_changes_nothing(billed: Tenant) -> None:
    """Dated back to the start, all that was charged goes from one payer to the other."""
    order = {"parent": "globe", "at": (MIDNIGHT - timedelta(days=60)).isoformat()}
    tried = billed.ask("POST", MOVES, json=order | {"dry_run": True})
    assert tried.status_code == 200, tried.text
    (contract,) = tried.json()["contracts"]
    assert (contract["subscription"], contract["before"], contract["after"]) == (
        "acme-basic",
        "acme",
        "globe",
    )
    wanted = told(tried.json()["documents"])
    assert {(payer, kind) for payer, kind, _, _ in wanted} == {
        ("acme", "credit_note"),
        ("globe", "invoice"),
    }
    assert "payer_changes" not in billed.ask("GET", "/v1/accounts/acme").json()
    assert run(billed) == []

    made = billed.ask("POST", MOVES, json=order)
    assert made.status_code == 200, made.text
    assert made.json()["documents"] == []
    assert sorted(told(run(billed))) == sorted(wanted)
    assert run(billed) == []
    (change,) = billed.ask("GET", "/v1/accounts/acme").json()["payer_changes"]
    assert change["parent"] == "globe"


def test_a_move_is_made_once(billed: Tenant) -> None:
    """Guarantee 8: sent twice under a key it is one entry; what cannot be is refused."""
    order = {"parent": "globe", "at": TODAY}
    key = {"Idempotency-Key": "move-1"}
    answers = [billed.ask("POST", MOVES, json=order, headers=key) for _ in range(2)]
    assert [one.status_code for one in answers] == [200, 200]
    assert answers[0].json() == answers[1].json()
    assert len(billed.ask("GET", "/v1/accounts/acme").json()["payer_changes"]) == 1
    for wrong, code in (
        ({"parent": "acme"}, "wrong_value"),
        ({"parent": "nobody"}, "unknown_reference"),
        ({}, "missing_field"),
    ):
        refused = billed.ask("POST", MOVES, json=wrong)
        assert refused.status_code in {409, 422}, refused.text
        assert code in refused.text
    unknown = billed.ask("POST", "/v1/accounts/none/payer-changes", json=order)
    assert "unknown_account" in unknown.text

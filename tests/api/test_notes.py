"""Voids and credits over HTTP: tried first, issued once, linked and proven."""

from typing import Any

from tests.api.test_subscriptions import CATALOG, run
from tests.serving import Tenant


def issued(tenant: Tenant) -> str:
    """Bill the contract, and return the id of its invoice."""
    tenant.apply(CATALOG)
    (item,) = run(tenant)
    return str(item["id"])


def post(tenant: Tenant, path: str, order: dict[str, Any], *, key: str = "") -> dict[str, Any]:
    """Send an order, which must be taken."""
    headers = {"idempotency-key": key} if key else {}
    answer = tenant.ask("POST", path, json=order, headers=headers)
    assert answer.status_code == 200, answer.text
    found: dict[str, Any] = answer.json()
    return found


def test_a_credit_then_a_void(tenant: Tenant) -> None:
    """A part is given back, then the rest; what is billed anew names what it replaces."""
    invoice = issued(tenant)
    path = f"/v1/invoices/{invoice}"
    order = {"kind": "goodwill", "reason": "outage", "amount": "11.00", "dry_run": True}
    assert post(tenant, f"{path}/credit", order)["number"] is None
    note = post(tenant, f"{path}/credit", order | {"dry_run": False}, key="c1")
    assert (note["total"], note["credit_kind"], note["reason"]) == ("-11", "goodwill", "outage")
    assert post(tenant, f"{path}/credit", order | {"dry_run": False}, key="c1") == note
    voided = post(
        tenant,
        f"{path}/void",
        {"disposition": "rebill", "reason": "address", "regenerate": True},
    )
    assert voided["note"]["total"] == "-99"
    (anew,) = voided["anew"]
    assert (anew["total"], anew["replaces"]["invoice"]) == ("99", invoice)
    for document in (note, voided["note"], anew):
        answer = tenant.ask("POST", f"/v1/invoices/{document['id']}/verify")
        assert answer.status_code == 200, answer.text
        for form in ("pdf", "html", "csv"):
            shown = tenant.ask(
                "GET", f"/v1/invoices/{document['id']}/document", params={"format": form}
            )
            assert shown.status_code == 200, shown.text
    assert run(tenant) == []


def test_refusals(tenant: Tenant) -> None:
    """What cannot be given back is refused with the code of the reason."""
    invoice = issued(tenant)
    answer = tenant.ask(
        "POST",
        f"/v1/invoices/{invoice}/credit",
        json={"kind": "refund", "reason": "x", "amount": "110.01"},
    )
    assert answer.status_code == 422
    assert "above_what_is_left" in answer.text
    _, reader = tenant.make_key("read")
    order = {"disposition": "waive", "reason": "x"}
    answer = tenant.ask("POST", f"/v1/invoices/{invoice}/void", json=order, token=reader)
    assert answer.status_code == 403

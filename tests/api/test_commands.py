"""Catalog and billing over HTTP: one story from a catalog to a proof, and commands with memory."""

from decimal import Decimal
from typing import Any

import pytest

from tallystick.invoicing import verify_bundle
from tallystick.kernel import Done, Refused
from tests.serving import Tenant

CATALOG: dict[str, Any] = {
    "legal_entities": [
        {
            "key": "main",
            "name": "Example Ltd",
            "country": "DE",
            "zone": "UTC",
            "currency": "EUR",
            "series_prefix": "INV",
        }
    ],
    "meters": [
        {
            "key": "bytes",
            "event_type": "call",
            "aggregation": "sum",
            "value": "bytes",
            "unit": "byte",
            "dimensions": ["region"],
        }
    ],
    "plans": [
        {
            "key": "basic",
            "version": 1,
            "name": "Basic",
            "currency": "EUR",
            "interval": "month",
            "alignment": "calendar",
            "prices": [
                {
                    "key": "traffic",
                    "model": "unit",
                    "meter": "bytes",
                    "unit": "GB",
                    "unit_price": "0.09",
                }
            ],
        }
    ],
    "accounts": [
        {"key": key, "name": key, "zone": "UTC", "currency": "EUR", "invoiced": True}
        for key in ("a", "b")
    ],
    "subscriptions": [
        {
            "key": f"{key}-basic",
            "account": key,
            "plan": "basic",
            "version": 1,
            "legal_entity": "main",
            "start": "2026-01-01",
        }
        for key in ("a", "b")
    ],
}
THROUGH = "2026-02-01T00:00:00Z"


@pytest.fixture
def billed(tenant: Tenant) -> Tenant:
    """Return a workspace that has billed January: 50 GB of account a, 10 of b."""
    tenant.apply(CATALOG)
    report = tenant.send(
        *(
            {
                "id": f"{account} {region}",
                "subject": account,
                "time": "2026-01-10T12:00:00Z",
                "data": {"bytes": count, "region": region},
            }
            for account, region, count in (
                ("a", "north", 20 * 10**9),
                ("a", "south", 30 * 10**9),
                ("b", "north", 10 * 10**9),
            )
        )
    )
    order = {"through": THROUGH, "position": report["last_position"]}
    answer = tenant.ask("POST", "/v1/invoices/run", json=order)
    assert answer.status_code == 200, answer.text
    assert len(answer.json()["issued"]) == 2, answer.text
    return tenant


def invoice_of(tenant: Tenant, account: str, token: str | None = None) -> dict[str, Any]:
    """Return the list's item of the account's only document."""
    path = f"/v1/invoices?account={account}"
    (item,) = tenant.ask("GET", path, token=token).json()["items"]
    found: dict[str, Any] = item
    return found


def test_what_is_listed_can_be_applied_again(tenant: Tenant) -> None:
    """Lists give documents that change nothing when they are applied."""
    tenant.apply(CATALOG)
    listed = {
        name: tenant.ask("GET", f"/v1/{name}").json()["items"]
        for name in ("meters", "plans", "accounts", "subscriptions")
    }
    again = tenant.apply(listed)
    assert (again["created"], again["changed"], again["unchanged"]) == (0, 0, 6)


def test_a_dry_run_changes_nothing(tenant: Tenant) -> None:
    """dry_run tells the difference and keeps the catalog as it is."""
    order = {"documents": CATALOG, "dry_run": True}
    told = tenant.ask("POST", "/v1/catalog/apply", json=order).json()
    assert (told["dry_run"], told["created"]) == (True, 7)
    assert tenant.ask("GET", "/v1/accounts").json()["items"] == []


def test_a_dry_run_tells_what_new_prices_would_come_to(billed: Tenant) -> None:
    """A new version of a plan: who stands on those before, and the money of their last periods."""
    (plan,) = billed.ask("GET", "/v1/plans").json()["items"]
    edit = plan | {"version": plan["version"] + 1}
    edit["prices"] = [*plan["prices"], {"key": "extra", "model": "flat", "amount": "2.50"}]
    order = {"documents": {"plans": [edit]}, "dry_run": True}
    (impact,) = billed.ask("POST", "/v1/catalog/apply", json=order).json()["impact"]
    assert (impact["contracts"], impact["accounts"], impact["compared"]) == (2, 2, 2)
    assert Decimal(impact["after"]) - Decimal(impact["before"]) == Decimal("5.00")
    assert {one["account"] for one in impact["greatest"]} == {"a", "b"}


def test_numbers_in_a_catalog_are_exact(tenant: Tenant) -> None:
    """A JSON number is read as the decimal that was written, not as a binary float."""
    body = (
        b'{"documents": {"accounts": [], "plans": [{"key": "p", "version": 1, "name": "P", '
        b'"currency": "EUR", "interval": "month", "alignment": "calendar", "prices": [{"key": "f", '
        b'"model": "flat", "amount": 0.100000000000000005}]}]}}'
    )
    headers = {"content-type": "application/json"}
    answer = tenant.ask("POST", "/v1/catalog/apply", content=body, headers=headers)
    assert answer.status_code == 200, answer.text
    (plan,) = tenant.ask("GET", "/v1/plans").json()["items"]
    assert plan["prices"][0]["amount"] == "0.100000000000000005"


def test_a_command_sent_twice_has_one_effect(tenant: Tenant) -> None:
    """The same Idempotency-Key gives the same answer once, and conflicts with other input."""
    order = {"label": "collector", "scopes": ["ingest"]}
    headers = {"idempotency-key": "once"}
    first = tenant.ask("POST", "/v1/keys", json=order, headers=headers).json()
    second = tenant.ask("POST", "/v1/keys", json=order, headers=headers).json()
    assert second == {"key": first["key"], "token": None}
    assert len(tenant.ask("GET", "/v1/keys").json()["items"]) == 1
    other = tenant.ask("POST", "/v1/keys", json=order | {"label": "other"}, headers=headers)
    assert (other.status_code, other.json()["code"]) == (409, "idempotency_conflict")


def test_usage_by_window_and_dimension(billed: Tenant) -> None:
    """Quantities come by day and by dimension, and add up."""
    asked = {"meter": "bytes", "start": "2026-01-09T00:00:00Z", "end": "2026-01-12T00:00:00Z"}
    days = billed.ask("GET", "/v1/usage", params=asked | {"window": "day"}).json()
    assert [item["quantity"] for item in days["items"]] == ["0", str(60 * 10**9), "0"]
    assert days["unit"] == "byte"
    regions = billed.ask("GET", "/v1/usage", params=asked | {"group_by": "region"}).json()
    grouped = {item["group"]["region"]: item["quantity"] for item in regions["items"]}
    assert grouped == {"north": str(30 * 10**9), "south": str(30 * 10**9)}
    one = billed.ask("GET", "/v1/usage", params=asked | {"resource": "b"}).json()
    assert [item["quantity"] for item in one["items"]] == [str(10 * 10**9)]


@pytest.mark.parametrize(
    ("wrong", "status"),
    [
        ({"meter": "nothing"}, 404),
        ({"start": "2026-01-09T00:00:00"}, 422),
        ({"start": "yesterday"}, 422),
        ({"end": "2026-01-09T00:00:00Z"}, 422),
        ({"window": "fortnight"}, 422),
        ({"zone": "Mars/Olympus"}, 422),
        ({"group_by": "colour"}, 422),
        ({"account": "nobody"}, 404),
        ({"position": "-1"}, 422),
    ],
)
def test_a_wrong_question_is_refused(tenant: Tenant, wrong: dict[str, str], status: int) -> None:
    """A question for usage that cannot be answered says which part of it is wrong."""
    tenant.apply(CATALOG)
    asked = {"meter": "bytes", "start": "2026-01-09T00:00:00Z", "end": "2026-01-12T00:00:00Z"}
    if "end" in wrong:
        asked["start"] = wrong["end"]
    answer = tenant.ask("GET", "/v1/usage", params=asked | wrong)
    assert answer.status_code == status, answer.text
    assert answer.json()["errors"][0]["path"] in {*wrong, "subject", "meter"}


def test_a_document_is_shown_explained_proven_and_verified(billed: Tenant) -> None:
    """From the list to the events behind a line, with the digest of the document's own bytes."""
    item = invoice_of(billed, "a")
    assert (item["total"], item["currency"], item["status"]) == ("4.50", "EUR", "open")
    shown = billed.ask("GET", f"/v1/invoices/{item['id']}")
    assert shown.json()["number"] == item["number"]
    told = billed.ask("POST", f"/v1/invoices/{item['id']}/verify").json()
    assert (told["equal"], told["digest"]) == (True, shown.headers["x-document-digest"])
    lines = billed.ask("GET", f"/v1/invoices/{item['id']}/explain").json()["lines"]
    assert [line["money"] for line in lines] == ["4.50"]
    params = {"line": lines[0]["line"], "limit": 1}
    first = billed.ask("GET", f"/v1/invoices/{item['id']}/explain", params=params).json()
    params["after_position"] = first["next_position"]
    second = billed.ask("GET", f"/v1/invoices/{item['id']}/explain", params=params).json()
    assert [each["id"] for each in (*first["events"], *second["events"])] == ["a north", "a south"]


def test_a_proof_verifies_without_the_server(billed: Tenant) -> None:
    """The exported file verifies by itself, and no longer after a byte of it was changed."""
    item = invoice_of(billed, "a")
    proof = billed.ask("GET", f"/v1/invoices/{item['id']}/proof")
    assert proof.headers["content-disposition"].startswith("attachment")
    verified = verify_bundle(proof.content)
    assert isinstance(verified, Done)
    assert verified.value.number == item["number"]
    assert isinstance(verify_bundle(proof.content[:-9]), Refused)


def test_a_second_run_issues_nothing(billed: Tenant) -> None:
    """Billing is its own repeat."""
    again = billed.ask("POST", "/v1/invoices/run", json={"through": THROUGH}).json()
    assert again["issued"] == []


def test_a_run_sent_twice_has_one_answer(tenant: Tenant) -> None:
    """Who did not hear what a run issued is told it again, and another order is refused."""
    tenant.apply(CATALOG)
    headers = {"idempotency-key": "january"}
    first, again = (
        tenant.ask("POST", "/v1/invoices/run", json={"through": THROUGH}, headers=headers)
        for _ in range(2)
    )
    assert len(first.json()["issued"]) == 2, first.text
    assert again.content == first.content
    other = tenant.ask("POST", "/v1/invoices/run", json={"account": "a"}, headers=headers)
    assert (other.status_code, other.json()["code"]) == (409, "idempotency_conflict")


def test_instants_are_read_in_any_zone(billed: Tenant) -> None:
    """An offset is as good as Z, in every body that takes an instant."""
    preview = {"account": "a", "at": "2026-02-01T02:00:00+02:00"}
    answer = billed.ask("POST", "/v1/invoices/preview", json=preview)
    assert answer.json()["at"] == "2026-02-01T00:00:00Z", answer.text
    run = {"through": "2026-01-01T05:30:00+05:30"}
    answer = billed.ask("POST", "/v1/invoices/run", json=run)
    assert answer.json()["through"] == "2026-01-01T00:00:00Z", answer.text
    key = {"label": "x", "scopes": ["read"], "expires_at": "2030-01-01T00:00:00-03:00"}
    answer = billed.ask("POST", "/v1/keys", json=key)
    assert answer.json()["key"]["expires_at"] == "2030-01-01T03:00:00Z", answer.text


def test_a_preview_looks_ten_years_ahead_at_most(billed: Tenant) -> None:
    """Every period up to the instant is counted, so that a far one would be worked on for long."""
    order = {"account": "a", "at": "9999-01-01T00:00:00Z"}
    answer = billed.ask("POST", "/v1/invoices/preview", json=order)
    assert (answer.status_code, answer.json()["code"]) == (422, "too_far_ahead")


def test_a_preview_stores_nothing(billed: Tenant) -> None:
    """The running period can be looked at as often as one likes."""
    told = billed.ask("POST", "/v1/invoices/preview", json={"account": "a"}).json()
    assert [document["number"] for document in told["documents"]] == [None]
    assert len(billed.ask("GET", "/v1/invoices").json()["items"]) == 2


def test_the_journal_sums_to_zero(billed: Tenant) -> None:
    """Every entry that billing posted balances."""
    entries = billed.ask("GET", "/v1/journal").json()["items"]
    assert len(entries) == 2
    for entry in entries:
        assert sum(int(each["amount"].replace(".", "")) for each in entry["postings"]) == 0


def test_documents_of_a_sibling_are_not_found(billed: Tenant) -> None:
    """A key of one account sees, explains, proves and verifies its own documents alone."""
    _, token = billed.make_key("read", account="a")
    own, foreign = invoice_of(billed, "a", token), invoice_of(billed, "b")
    assert billed.ask("GET", "/v1/invoices?account=b", token=token).json()["items"] == []
    for method, suffix in (
        ("GET", ""),
        ("GET", "/explain"),
        ("GET", "/proof"),
        ("POST", "/verify"),
    ):
        for item, status in ((own, 200), (foreign, 404)):
            path = f"/v1/invoices/{item['id']}{suffix}"
            assert billed.ask(method, path, token=token).status_code == status, path
    preview = billed.ask("POST", "/v1/invoices/preview", token=token, json={"account": "b"})
    assert preview.status_code == 404


def test_the_audit_verifies(billed: Tenant) -> None:
    """Commands are recorded; the chain holds, and a head that never was is found."""
    told = billed.ask("GET", "/v1/audit/verify").json()
    assert told["sealed"] + told["waiting"] >= 2
    noted = {"sequence": 999, "digest": "sha256:" + "0" * 64}
    cut = billed.ask("GET", "/v1/audit/verify", params=noted)
    assert (cut.status_code, cut.json()["code"]) == (409, "audit_head_missing")
    assert billed.ask("GET", "/v1/audit/verify?sequence=1").status_code == 422

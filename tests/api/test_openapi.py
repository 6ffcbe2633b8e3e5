"""The interface describes itself, truly and offline."""

import re
from collections.abc import Iterator
from typing import Any

import pytest

from tests.serving import Tenant

METHODS = {"get", "post", "put", "patch", "delete"}
PROMISED = {
    "post /v1/events",
    "post /v1/quota/consume",
    "post /v1/quota/give-back",
    "get /v1/dead-letters",
    "get /v1/dead-letters/{letter}",
    "post /v1/dead-letters/preview",
    "post /v1/dead-letters/replay",
    "post /v1/dead-letters/discard",
    "get /v1/usage",
    "get /v1/alerts",
    "get /v1/pipeline",
    "get /v1/reconciliations",
    "post /v1/reconciliations",
    "get /v1/reconciliations/{run}",
    "get /v1/events/trace",
    "get /v1/events/unattributed",
    "get /v1/events/unmeterable",
    "get /v1/events/{event_id}/trace",
    "post /v1/usage/query",
    "get /v1/usage/stream",
    "get /v1/meters",
    "get /v1/plans",
    "get /v1/accounts",
    "get /v1/subscriptions",
    "get /v1/subscriptions/{key}/changes",
    "post /v1/subscriptions/{key}/changes",
    "post /v1/subscriptions/{key}/end",
    "post /v1/subscriptions/{key}/changes/{change}/withdraw",
    "get /v1/subscriptions/{key}/lines",
    "post /v1/subscriptions/{key}/lines",
    "post /v1/subscriptions/{key}/lines/{line}/take-back",
    "get /v1/resources",
    "post /v1/catalog/apply",
    "get /v1/invoices",
    "get /v1/invoices/{invoice}",
    "get /v1/invoices/{invoice}/document",
    "get /v1/invoices/{invoice}/explain",
    "get /v1/invoices/{invoice}/proof",
    "post /v1/invoices/preview",
    "post /v1/invoices/run",
    "get /v1/invoices/runs",
    "post /v1/invoices/{invoice}/issue",
    "post /v1/invoices/{invoice}/verify",
    "post /v1/invoices/{invoice}/void",
    "post /v1/invoices/one-off",
    "post /v1/invoices/{invoice}/write-off",
    "get /v1/credits/grants",
    "post /v1/credits/grants",
    "post /v1/credits/grants/{grant}/void",
    "get /v1/credits/balance",
    "get /v1/credits/transactions",
    "post /v1/credits/debits",
    "post /v1/credits/returns",
    "post /v1/credits/transfers",
    "post /v1/credits/top-ups",
    "get /v1/disputes",
    "post /v1/disputes",
    "get /v1/disputes/{dispute}",
    "post /v1/disputes/{dispute}/evidence",
    "post /v1/disputes/{dispute}/resolve",
    "post /v1/disputes/{dispute}/reopen",
    "get /v1/payments",
    "post /v1/payments",
    "get /v1/payments/{payment}",
    "get /v1/payments/standing/{account}",
    "post /v1/payments/{payment}/refund",
    "post /v1/payments/{payment}/allocate",
    "post /v1/payments/{payment}/forfeit",
    "get /v1/drafts",
    "post /v1/drafts/approve",
    "post /v1/drafts/{invoice}/reject",
    "post /v1/invoices/{invoice}/credit",
    "post /v1/keys",
    "get /v1/keys",
    "delete /v1/keys/{key_id}",
    "get /v1/audit/verify",
    "get /v1/triggers",
    "post /v1/triggers",
    "post /v1/triggers/payment_failed",
    "get /v1/feeds",
    "get /v1/feeds/{feed}",
    "post /v1/feeds/{feed}",
    "get /v1/feeds/{feed}/{kind}",
    "get /v1/schemas/feeds/{feed}",
    "get /v1/clock",
    "post /v1/clock/advance",
    "get /v1/workspaces",
    "post /v1/workspaces",
    "post /v1/workspaces/copy",
    "get /v1/journal",
    "get /v1/price-series/{series}/prices",
    "post /v1/price-series/{series}/prices",
    "get /v1/rates",
    "post /v1/rates",
    "get /v1/rates/conversion",
    "get /v1/journal/trial-balance",
    "get /v1/journal/statement",
    "get /v1/journal/schedule",
    "get /v1/journal/revenue",
    "post /v1/journal/locks",
    "post /v1/journal/recognitions",
    "get /v1/journal/exports",
    "post /v1/journal/exports",
    "get /v1/journal/exports/{name}/{number}/csv",
    "get /v1/journal/exports/{name}/{number}/beancount",
    "get /v1/sources",
    "post /v1/otlp/v1/metrics",
    "post /v1/prometheus/write",
    "post /v1/sources",
    "get /v1/sources/{source}",
    "delete /v1/sources/{source}",
    "post /v1/sources/{source}/pause",
    "post /v1/sources/{source}/resume",
    "post /v1/sources/{source}/progress",
    "get /v1/sources/{source}/items",
}


@pytest.fixture
def document(tenant: Tenant) -> dict[str, Any]:
    """Return the document that the server describes itself with."""
    found: dict[str, Any] = tenant.ask("GET", "/openapi.json", token="").json()
    return found


def operations(document: dict[str, Any]) -> dict[str, dict[str, Any]]:
    """Return operations by method and path."""
    return {
        f"{method} {path}": operation
        for path, item in document["paths"].items()
        for method, operation in item.items()
        if method in METHODS
    }


def references(node: object) -> Iterator[str]:
    """Yield every reference in a document."""
    if isinstance(node, dict):
        for name, value in node.items():
            if name == "$ref":
                yield value
            else:
                yield from references(value)
    elif isinstance(node, list):
        for value in node:
            yield from references(value)


def test_every_promised_operation_is_described(document: dict[str, Any]) -> None:
    """OpenAPI 3.1 with all routes, each with a summary and an id of its own."""
    assert document["openapi"].startswith("3.1")
    found = operations(document)
    assert set(found) >= PROMISED
    ids = [operation["operationId"] for operation in found.values()]
    assert len(set(ids)) == len(ids)
    for operation in found.values():
        assert operation["summary"]
        assert operation["responses"]


def test_every_reference_leads_somewhere(document: dict[str, Any]) -> None:
    """No schema is named that is not there."""
    schemas = document["components"]["schemas"]
    for reference in references(document):
        assert reference.removeprefix("#/components/schemas/") in schemas


def test_path_parameters_are_declared(document: dict[str, Any]) -> None:
    """Each name in a path is a required parameter of its operations."""
    for name, operation in operations(document).items():
        declared = {
            parameter["name"]
            for parameter in operation.get("parameters", ())
            if parameter["in"] == "path" and parameter["required"]
        }
        assert declared == set(re.findall(r"{(\w+)}", name)), name


def test_errors_are_described_as_problems(document: dict[str, Any]) -> None:
    """Every operation under /v1 names its key and answers errors with problem documents."""
    for name, operation in operations(document).items():
        if "/v1/" not in name:
            continue
        assert operation["security"] == [{"key": []}]
        for status in ("401", "403", "422", "429"):
            assert "application/problem+json" in operation["responses"][status]["content"], name


def test_examples_of_requests_are_taken(document: dict[str, Any], tenant: Tenant) -> None:
    """What the description shows can be sent as it stands, after the catalog it speaks of."""
    found = operations(document)
    sent = []
    for name in sorted(found, key=lambda each: "catalog" not in each):
        content = found[name].get("requestBody", {}).get("content", {})
        for kind, shown in content.items():
            if "example" not in shown:
                continue
            method, path = name.split(" ")
            if method == "put":  # it makes what it names
                path = path.replace("{key}", "night-watch")
            answer = tenant.ask(
                method.upper(), path, json=shown["example"], headers={"content-type": kind}
            )
            # The example of an order on a document is well formed; the document is not there.
            taken = answer.status_code == 404 if "{" in path else answer.is_success
            assert taken, (name, answer.text)
            sent.append(name)
    assert {"post /v1/events", "post /v1/keys", "post /v1/catalog/apply"} <= set(sent)


def test_the_reference_needs_no_network(tenant: Tenant) -> None:
    """The browsable page loads from this server alone, and holds no script of its own."""
    page = tenant.ask("GET", "/docs", token="").text
    links = re.findall(r'(?:src|href)="([^"]+)"', page)
    assert len(links) == 4
    for link in links:
        assert link.startswith("/docs/")
        asset = tenant.ask("GET", link, token="")
        assert asset.status_code == 200, link
        assert "max-age" in asset.headers["cache-control"]
    assert not re.findall(r"<script(?![^>]*src=)", page)
    assert tenant.ask("GET", "/docs/../../secret", token="").status_code == 404

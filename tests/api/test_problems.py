"""Errors are problem documents, with the path of what is wrong, and give nothing away."""

from typing import Any

import pytest
from httpx import Response

from tests.serving import Tenant

JSON = {"content-type": "application/json"}


def assert_problem(answer: Response, *, status: int, code: str) -> dict[str, Any]:
    """Return a problem document after checking what all of them have."""
    document: dict[str, Any] = answer.json()
    assert (answer.status_code, document["code"]) == (status, code), answer.text
    assert answer.headers["content-type"] == "application/problem+json"
    assert document["status"] == status
    assert document["type"] == f"urn:tallystick:problem:{code}"
    assert document["title"]
    assert document["detail"]
    assert document["request_id"] == answer.headers["x-request-id"]
    return document


@pytest.mark.parametrize(
    ("method", "path", "status", "code"),
    [
        ("GET", "/nowhere", 404, "not_found"),
        ("GET", "/v1/nowhere", 404, "not_found"),
        ("GET", "/v1/invoices/inv_0", 404, "unknown_invoice"),
        ("GET", "/v1/invoices/inv_0/explain", 404, "unknown_invoice"),
        ("GET", "/v1/invoices/inv_0/proof", 404, "unknown_invoice"),
        ("POST", "/v1/invoices/inv_0/verify", 404, "unknown_invoice"),
        ("POST", "/v1/invoices/inv_0/issue", 404, "unknown_invoice"),
        ("DELETE", "/v1/keys/0", 404, "key_unknown"),
        ("PUT", "/v1/meters", 405, "method_not_allowed"),
        ("GET", "/v1/events", 405, "method_not_allowed"),
        ("GET", "/v1/usage", 422, "invalid"),
    ],
)
def test_the_router_answers_with_problems(
    tenant: Tenant, method: str, path: str, status: int, code: str
) -> None:
    """What no handler sees is answered like everything else."""
    assert_problem(tenant.ask(method, path), status=status, code=code)


@pytest.mark.parametrize(
    ("method", "path", "body"),
    [
        ("GET", "/v1/accounts/%00", b""),
        ("GET", "/v1/invoices/a%00b/explain", b""),
        ("DELETE", "/v1/keys/%00", b""),
        ("GET", "/v1/resources?account=%00", b""),
        ("GET", "/v1/dead-letters?code=%00", b""),
        ("POST", "/v1/invoices/preview", rb'{"account": "a\u0000"}'),
        ("POST", "/v1/catalog/apply", rb'{"documents": {"units": ["\\\u0000"]}}'),
        ("GET", "/v1/usage?meter=m&start=0001-01-01T00:00:00%2B14:00&end=2026-01-01T00:00Z", b""),
        ("GET", "/v1/usage?meter=m&start=2026-01-01T00:00Z&end=9999-12-31T23:59:59-14:00", b""),
        ("POST", "/v1/invoices/preview", b'{"account": "a", "at": "9999-12-31T23:59:59-14:00"}'),
        ("POST", "/v1/invoices/run", b'{"through": "0001-01-01T00:00:00+14:00"}'),
        (
            "POST",
            "/v1/keys",
            b'{"label": "x", "scopes": ["read"], "expires_at": "9999-12-31T23:59:59-14:00"}',
        ),
    ],
)
def test_what_no_engine_can_hold_is_the_callers_mistake(
    tenant: Tenant, method: str, path: str, body: bytes
) -> None:
    """U+0000 and instants outside the years 1 to 9999 are refused at the door."""
    headers = JSON if body else {}
    answer = tenant.ask(method, path, content=body, headers=headers)
    assert_problem(answer, status=422, code="invalid")


def test_an_escaped_backslash_before_u0000_is_no_nul(tenant: Tenant) -> None:
    """Those are six characters, and a label may have them."""
    body = rb'{"label": "\\u0000", "scopes": ["read"]}'
    assert tenant.ask("POST", "/v1/keys", content=body, headers=JSON).status_code == 201


def test_the_wrong_method_names_the_right_ones(tenant: Tenant) -> None:
    """405 says in Allow what the address knows."""
    assert "GET" in tenant.ask("PUT", "/v1/meters").headers["allow"]
    assert tenant.ask("GET", "/v1/events").headers["allow"] == "POST"


@pytest.mark.parametrize(
    ("body", "status", "path"),
    [
        (b'{"label": "x", "scopes": ["read"], "colour": 1}', 422, "$.colour"),
        (b'{"label": "x"}', 422, "$.scopes"),
        (b'{"label": "x", "scopes": ["read", "everything"]}', 422, "$.scopes[1]"),
        (b'{"label": 1, "scopes": ["read"]}', 422, "$.label"),
        (b'{"label": "x", "scopes": ["read"], "expires_at": "soon"}', 422, "$.expires_at"),
        (b'{"label": "", "scopes": ["read"]}', 422, "label"),
        (b"[]", 422, "$"),
        (b"", 400, None),
        (b"{", 400, None),
        (b'{"label": NaN}', 400, None),
        (b'{"label": "\xff"}', 400, None),
    ],
)
def test_a_wrong_body_is_answered_with_the_path(
    tenant: Tenant, body: bytes, status: int, path: str | None
) -> None:
    """What is not JSON is 400; what is JSON and not as declared is 422 and says where."""
    answer = tenant.ask("POST", "/v1/keys", content=body, headers=JSON)
    assert answer.status_code == status, answer.text
    assert [each["path"] for each in answer.json()["errors"]] == ([] if path is None else [path])


def test_ten_thousand_levels_are_refused(tenant: Tenant) -> None:
    """Deep nesting costs an answer, not the process."""
    for path, kind in (
        ("/v1/catalog/apply", "application/json"),
        ("/v1/events", "application/cloudevents+json"),
    ):
        nested = b'{"documents": {"x": ' + b"[" * 10_000 + b"]" * 10_000 + b"}}"
        answer = tenant.ask("POST", path, content=nested, headers={"content-type": kind})
        assert answer.status_code in {400, 422}, answer.text
        assert tenant.ask("GET", "/healthz").status_code == 200


def test_a_body_of_another_type_is_refused(tenant: Tenant) -> None:
    """JSON must be said to be JSON."""
    headers = {"content-type": "text/plain"}
    answer = tenant.ask("POST", "/v1/keys", content=b"{}", headers=headers)
    assert_problem(answer, status=415, code="unsupported_media_type")


def test_a_large_body_is_refused(tenant: Tenant) -> None:
    """Commands have at most 1 MiB."""
    answer = tenant.ask("POST", "/v1/keys", content=b" " * 1_048_577, headers=JSON)
    assert_problem(answer, status=413, code="too_large")


@pytest.mark.parametrize(
    "query", ["limit=0", "limit=501", "limit=many", "limt=3", "cursor=nonsense", "cursor=AAAA"]
)
def test_a_wrong_query_is_refused(tenant: Tenant, query: str) -> None:
    """A parameter that is unknown or out of bounds is never passed over."""
    answer = tenant.ask("GET", f"/v1/meters?{query}")
    assert answer.status_code == 422
    assert answer.json()["errors"][0]["path"] == query.partition("=")[0]


def test_several_problems_come_together(tenant: Tenant) -> None:
    """A catalog is answered with everything that is wrong with it, each with its path."""
    documents = {"accounts": [{"key": "a", "nam": "A"}], "meters": [{"key": "m"}]}
    answer = tenant.ask("POST", "/v1/catalog/apply", json={"documents": documents})
    assert answer.status_code == 422
    paths = {each["path"] for each in answer.json()["errors"]}
    assert {"accounts[0].nam", "accounts[0].name", "meters[0].event_type"} <= paths


def test_an_unexpected_failure_says_nothing_of_its_cause(tenant: Tenant) -> None:
    """An answer never shows a trace, a path of the machine or an address of an engine."""
    hidden = ("Traceback", "psycopg", "postgres", "/src/", "site-packages")
    for path in ("/v1/accounts/%00", "/v1/meters?cursor=%00", "/v1/invoices/%00", "/v1/keys?x=%ff"):
        answer = tenant.ask("GET", path)
        assert answer.status_code >= 400
        assert not [word for word in hidden if word in answer.text], answer.text

"""Who may ask for what: keys, scopes, accounts, workspaces."""

from datetime import UTC, datetime, timedelta
from typing import Any

import psycopg
import pytest

from tests.serving import Served, Tenant
from tests.waiting import wait_until

ACCOUNTS = [
    {"key": key, "name": key, "zone": "UTC", "currency": "EUR", "invoiced": True}
    for key in ("a", "b")
]
WRONG = {
    "no key": "",
    "no token": "hello",
    "unknown": "ts_test_0123456789abcdef_" + "0" * 64,
    "not ASCII": "ts_tést",
    "endless": "ts_" + "x" * 6000,
}


def documented_operations(tenant: Tenant) -> list[tuple[str, str]]:
    """Return every operation under /v1 that the interface describes."""
    paths = tenant.ask("GET", "/openapi.json").json()["paths"]
    return [
        (method.upper(), _filled_in(path, operation.get("parameters", [])))
        for path, item in paths.items()
        for method, operation in item.items()
        if path.startswith("/v1/")
    ]


def _filled_in(path: str, parameters: list[dict[str, Any]]) -> str:
    """Return a path with something of the right type for each parameter."""
    for one in parameters:
        is_number = one["schema"].get("type") == "integer"
        path = path.replace(f"{{{one['name']}}}", "1" if is_number else one["name"])
    return path


def test_every_operation_needs_a_key(tenant: Tenant) -> None:
    """Nothing under /v1 answers a caller without a key."""
    operations = documented_operations(tenant)
    assert len(operations) > 20
    with tenant.client("") as client:
        for method, path in operations:
            answer = client.request(method, path)
            assert (method, path, answer.status_code) == (method, path, 401)
            assert answer.headers["www-authenticate"].startswith("Bearer")


@pytest.mark.parametrize("name", WRONG)
def test_wrong_keys_are_all_answered_alike(tenant: Tenant, name: str) -> None:
    """An answer to a wrong key does not tell what is wrong with it."""
    headers = {"authorization": f"Bearer {WRONG[name]}".encode()} if WRONG[name] else {}
    answer = tenant.ask("GET", "/v1/meters", token="", headers=headers)
    assert answer.status_code == 401
    assert answer.json()["detail"] == "Send a valid key: Authorization: Bearer ts_..."


def test_a_key_with_a_wrong_secret_is_refused(tenant: Tenant) -> None:
    """The id of a key is not enough."""
    _, token = tenant.make_key("read")
    assert tenant.ask("GET", "/v1/meters", token=token[:-1] + "x").status_code == 401


@pytest.mark.parametrize(
    ("scope", "method", "path", "status"),
    [
        ("ingest", "GET", "/v1/meters", 403),
        ("ingest", "POST", "/v1/catalog/apply", 403),
        ("read", "GET", "/v1/meters", 200),
        ("read", "POST", "/v1/events", 403),
        ("read", "GET", "/v1/keys", 403),
        ("read", "POST", "/v1/invoices/run", 403),
        ("billing", "GET", "/v1/keys", 403),
        ("billing", "POST", "/v1/events", 403),
        ("admin", "GET", "/v1/keys", 200),
        ("admin", "GET", "/v1/meters", 200),
    ],
)
def test_a_scope_opens_what_it_names(
    tenant: Tenant, scope: str, method: str, path: str, status: int
) -> None:
    """A key does what its scope says; admin includes the others."""
    _, token = tenant.make_key(scope)
    answer = tenant.ask(method, path, token=token, json={} if method == "POST" else None)
    assert answer.status_code == status
    if status == 403:
        assert answer.json()["code"] == "forbidden"


def test_a_revoked_key_is_refused_at_once(tenant: Tenant) -> None:
    """Revoking ends a key that was just used, in the process that revokes."""
    key, token = tenant.make_key("read")
    assert tenant.ask("GET", "/v1/meters", token=token).status_code == 200
    assert tenant.ask("DELETE", f"/v1/keys/{key}").json()["revoked_at"] is not None
    assert tenant.ask("GET", "/v1/meters", token=token).status_code == 401


def test_a_key_revoked_elsewhere_is_refused_within_a_second(served: Served, tenant: Tenant) -> None:
    """What another process revokes in the database holds here after a second at most."""
    key, token = tenant.make_key("read")
    with tenant.client(token) as client:
        assert client.get("/v1/meters").status_code == 200
        with psycopg.connect(served.cluster.address("postgres", served.database)) as connection:
            connection.execute("UPDATE api_key SET revoked_at = now() WHERE id = %s", [key])
        wait_until(
            lambda: client.get("/v1/meters").status_code == 401,
            seconds_max=1.5,  # the second, and the time of a request on a busy machine
            waiting_for="the key to be refused",
        )


def test_a_key_ends_at_its_expiry(tenant: Tenant) -> None:
    """A key in use stops at its instant, though it is remembered."""
    ends = datetime.now(UTC) + timedelta(seconds=1)
    order = {"label": "short", "scopes": ["read"], "expires_at": ends.isoformat()}
    token = tenant.ask("POST", "/v1/keys", json=order).json()["token"]
    with tenant.client(token) as client:
        wait_until(
            lambda: client.get("/v1/meters").status_code == 401,
            seconds_max=5,
            waiting_for="the key to expire",
        )
    assert datetime.now(UTC) >= ends


def test_a_key_is_of_one_workspace(served: Served) -> None:
    """A key shows nothing of another workspace, not even that it has something."""
    mine, other = served.tenant(), served.tenant()
    mine.apply({"accounts": ACCOUNTS})
    _, token = other.make_key("admin")
    assert mine.ask("GET", "/v1/accounts", token=token).json()["items"] == []
    assert mine.ask("GET", "/v1/accounts/a", token=token).status_code == 404


class TestKeyOfOneAccount:
    """A key bound to an account sees that account and learns nothing of its siblings."""

    @pytest.fixture
    def token(self, tenant: Tenant) -> str:
        """Return a key of account a, in a workspace that also has b."""
        resources = [{"key": f"vm-{key}", "account": key, "kind": "vm"} for key in ("a", "b")]
        meter = {"key": "calls", "event_type": "call", "aggregation": "count", "unit": "call"}
        tenant.apply({"accounts": ACCOUNTS, "resources": resources, "meters": [meter]})
        return tenant.make_key("read", account="a")[1]

    def test_lists_hold_its_own_alone(self, tenant: Tenant, token: str) -> None:
        """Lists leave out what is another account's."""
        for path, expected in (("/v1/accounts", ["a"]), ("/v1/resources", ["vm-a"])):
            items = tenant.ask("GET", path, token=token).json()["items"]
            assert [item["key"] for item in items] == expected

    def test_a_sibling_is_not_found(self, tenant: Tenant, token: str) -> None:
        """A sibling is answered as an account that does not exist."""
        sibling = tenant.ask("GET", "/v1/accounts/b", token=token)
        nobody = tenant.ask("GET", "/v1/accounts/nobody", token=token)
        assert (sibling.status_code, nobody.status_code) == (404, 404)
        assert sibling.json()["detail"].replace("'b'", "'nobody'") == nobody.json()["detail"]

    def test_usage_of_a_sibling_is_not_found(self, tenant: Tenant, token: str) -> None:
        """Usage is its own, whatever account or resource is asked for."""
        report = tenant.send(
            {"id": "1", "subject": "vm-a"},
            {"id": "2", "subject": "vm-b"},
            {"id": "3", "subject": "vm-b"},
        )
        asked = {
            "meter": "calls",
            "start": "2020-01-01T00:00:00Z",
            "end": "2100-01-01T00:00:00Z",
            "position": report["last_position"],
        }
        own = tenant.ask("GET", "/v1/usage", token=token, params=asked)
        assert [item["quantity"] for item in own.json()["items"]] == ["1"]
        foreign = tenant.ask("GET", "/v1/usage", token=token, params=asked | {"account": "b"})
        assert foreign.status_code == 404
        through = tenant.ask("GET", "/v1/usage", token=token, params=asked | {"resource": "vm-b"})
        assert sum(int(item["events"]) for item in through.json()["items"]) == 0

    @pytest.mark.parametrize(
        "path", ["/v1/keys", "/v1/journal", "/v1/dead-letters", "/v1/meters", "/v1/audit/verify"]
    )
    def test_what_concerns_the_workspace_is_closed(
        self, tenant: Tenant, token: str, path: str
    ) -> None:
        """Lists of the whole workspace are not open to it."""
        assert tenant.ask("GET", path, token=token).status_code == 403

"""Lists come in pages, and cursors are checked."""

import pytest

from tallystick.api.cursors import Cursors
from tallystick.api.problems import HttpProblem
from tests.serving import Tenant

KEYS = [f"account-{number}" for number in range(7)]


@pytest.fixture
def filled(tenant: Tenant) -> Tenant:
    """Return a workspace with seven accounts, each with a resource."""
    tenant.apply(
        {
            "accounts": [
                {"key": key, "name": key, "zone": "UTC", "currency": "EUR", "invoiced": True}
                for key in KEYS
            ],
            "resources": [{"key": f"vm-{key}", "account": key} for key in KEYS],
        }
    )
    return tenant


@pytest.mark.parametrize("limit", [1, 2, 3, 7, 8, 500])
def test_pages_hold_every_item_once(filled: Tenant, limit: int) -> None:
    """Following the cursors visits each item once, in order, whatever the size of a page."""
    seen: list[str] = []
    cursor = None
    for _ in range(20):
        params = {"limit": limit} | ({"cursor": cursor} if cursor else {})
        page = filled.ask("GET", "/v1/accounts", params=params).json()
        assert len(page["items"]) <= limit
        seen += [item["key"] for item in page["items"]]
        cursor = page["next_cursor"]
        if not cursor:
            break
    assert seen == KEYS


def test_a_cursor_belongs_to_its_list(filled: Tenant) -> None:
    """A cursor carried to another list or to other filters is refused."""
    cursor = filled.ask("GET", "/v1/accounts?limit=2").json()["next_cursor"]
    for path, params in (
        ("/v1/resources", {"limit": "2"}),
        ("/v1/subscriptions", {}),
    ):
        answer = filled.ask("GET", path, params={**params, "cursor": cursor})
        assert (answer.status_code, answer.json()["code"]) == (422, "invalid_cursor")
    filtered = filled.ask("GET", "/v1/resources?limit=2").json()["next_cursor"]
    params = {"limit": "2", "account": KEYS[0], "cursor": filtered}
    assert filled.ask("GET", "/v1/resources", params=params).status_code == 422


def test_a_changed_cursor_is_refused() -> None:
    """No byte of a cursor can be changed, and none can be made without the secret."""
    cursors = Cursors(b"secret")
    cursor = cursors.seal("m", scope="list")
    assert cursors.open(cursor, scope="list") == "m"
    forged = [
        cursor[:at] + ("A" if cursor[at] != "A" else "B") + cursor[at + 1 :] for at in range(12)
    ]
    for text in [*forged, "", "A", "ä", Cursors(b"other").seal("m", scope="list")]:
        with pytest.raises(HttpProblem):
            cursors.open(text, scope="list")


def test_filters_narrow_a_list(filled: Tenant) -> None:
    """An account's resources are its own."""
    items = filled.ask("GET", "/v1/resources", params={"account": KEYS[2]}).json()["items"]
    assert [item["key"] for item in items] == [f"vm-{KEYS[2]}"]

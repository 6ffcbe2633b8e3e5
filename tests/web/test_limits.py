"""The page about limits: how full they are, what was told, and to whom it is shown."""

import re
from typing import cast

from tests.api.test_quotas import catalog
from tests.serving import Tenant

USE = {"account": "acme", "feature": "calls", "source": "page"}


def test_the_page_shows_what_is_used_and_what_was_told(tenant: Tenant) -> None:
    """Nine of ten is a bar at 90 % and an alert, with what somebody said of it."""
    tenant.apply(catalog(calls={"limit": "10"}))
    uses = [{**USE, "id": str(number)} for number in range(9)]
    tenant.ask("POST", "/v1/quota/consume", json={"requests": uses})
    with tenant.client("") as page:
        page.post("/login", data={"key": tenant.make_key("read")[1]})
        shown = page.get("/limits").text
        assert _row(shown) == ("acme", "calls", "9 of 10", "90")
        assert 'class="chip">open' in shown
        alert = tenant.ask("GET", "/v1/usage-alerts").json()["items"][0]["alert"]["id"]
        tenant.ask("POST", f"/v1/usage-alerts/{alert}/acknowledge", json={"response": "<called>"})
        assert "&lt;called&gt;" in page.get("/limits").text


def test_an_account_sees_its_own_limits(tenant: Tenant) -> None:
    """A key of another account sees none, and nobody sees any without a session."""
    documents = catalog(calls={"limit": "10"})
    bolt = {"key": "bolt", "name": "Bolt", "zone": "UTC", "currency": "EUR", "invoiced": True}
    accounts = [*cast("list[object]", documents["accounts"]), bolt]
    tenant.apply({**documents, "accounts": accounts})
    tenant.ask("POST", "/v1/quota/consume", json={**USE, "id": "1"})
    for account, rows in (("acme", 1), ("bolt", 0)):
        with tenant.client("") as page:
            page.post("/login", data={"key": tenant.make_key("read", account=account)[1]})
            assert page.get("/limits").text.count("<progress") == rows
    assert tenant.ask("GET", "/limits", token="").status_code == 303


def _row(shown: str) -> tuple[str, ...]:
    cells = re.findall(r"<td[^>]*>([^<]*)", shown)
    filled = re.findall(r'<progress[^>]* value="([^"]*)"', shown)
    return (*cells[:3], *filled)

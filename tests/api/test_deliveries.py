"""Documents by e-mail over HTTP: what is asked for, and what became of it."""

from collections.abc import Iterator

import pytest

from tests.databases import Cluster
from tests.mailbox import SENDER, mail_arrivals
from tests.serving import Tenant, serve


@pytest.fixture(scope="module")
def sending(cluster: Cluster, template: str) -> Iterator[Tenant]:
    """Lend a workspace of a server that knows a mail server."""
    with mail_arrivals() as arrivals:
        url = f"smtp://127.0.0.1:{arrivals.server.port}?tls=off"
        with serve(
            cluster, template, TALLYSTICK_SMTP_URL=url, TALLYSTICK_MAIL_FROM=SENDER
        ) as server:
            yield server.tenant()


def test_what_is_not_there_is_not_sent(sending: Tenant) -> None:
    """Neither a document nor a delivery that nobody knows."""
    answer = sending.ask("POST", "/v1/invoices/inv_0/send", json={"to": "a@b.example"})
    assert (answer.status_code, answer.json()["code"]) == (404, "unknown_invoice")
    answer = sending.ask("POST", "/v1/deliveries/mail:0/retry")
    assert (answer.status_code, answer.json()["code"]) == (404, "unknown_delivery")


def test_what_left_is_listed_page_by_page(sending: Tenant) -> None:
    """Each catalog that was applied told of itself; a state is chosen in the address."""
    for unit in ("widget", "gadget"):
        sending.apply({"units": [unit]})
    first = sending.ask("GET", "/v1/deliveries?limit=1").json()
    assert [one["topic"] for one in first["items"]] == ["catalog.applied"]
    following = {"limit": 1, "cursor": first["next_cursor"]}
    rest = sending.ask("GET", "/v1/deliveries", params=following).json()
    assert len(rest["items"]) == 1
    assert rest["items"] != first["items"]
    due = sending.ask("GET", "/v1/deliveries?state=due").json()
    assert len(due["items"]) == 2
    assert sending.ask("GET", "/v1/deliveries?state=parked").json()["items"] == []
    assert sending.ask("GET", "/v1/deliveries?state=lost").status_code == 422


def test_a_webhook_is_added_changed_and_removed(sending: Tenant) -> None:
    """Its secret is shown where it was made, and in no list."""
    order = {"url": "https://example.com/hooks", "topics": ["invoice.issued"]}
    made = sending.ask("POST", "/v1/webhooks", json=order)
    assert made.status_code == 201, made.text
    first = made.json()
    again = sending.ask("POST", f"/v1/webhooks/{first['id']}/rotate").json()
    assert first["secret"].startswith("whsec_")
    assert again["secret"] not in {"", first["secret"]}
    (listed,) = sending.ask("GET", "/v1/webhooks").json()
    assert (listed["id"], listed["version"], listed["secret"]) == (first["id"], 2, "")
    _, reader = sending.make_key("read", "billing")
    assert sending.ask("GET", "/v1/webhooks", token=reader).status_code == 403
    assert (listed["state"], listed["health"]["calls"]) == ("healthy", 0)
    where = f"/v1/webhooks/{first['id']}"
    assert sending.ask("POST", f"{where}/enable").json()["state"] == "healthy"
    since = {"since": "2026-01-01T00:00:00Z"}
    again = sending.ask("POST", f"{where}/replay", json=since)
    assert (again.status_code, again.json()) == (202, {"calls": 0})
    assert sending.ask("POST", "/v1/webhooks/hook_0/replay", json=since).status_code == 404
    assert sending.ask("DELETE", f"/v1/webhooks/{first['id']}").status_code == 200
    assert sending.ask("GET", "/v1/webhooks").json() == []
    assert sending.ask("DELETE", f"/v1/webhooks/{first['id']}").status_code == 404

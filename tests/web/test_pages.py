"""Signing in, and what the live page shows."""

import re
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from typing import Any

import httpx
import pytest

from tallystick.bootstrap import StartTokens, new_start_token
from tests.serving import Served, Tenant

COOKIE = "tallystick_session"
NOW = datetime(2026, 1, 1, tzinfo=UTC)
ACCOUNTS = [
    {"key": key, "name": f"Customer {key}", "zone": "UTC", "currency": "EUR", "invoiced": True}
    for key in ("a", "b")
]
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
    "meters": [{"key": "calls", "event_type": "call", "aggregation": "count", "unit": "call"}],
    "plans": [
        {
            "key": "basic",
            "version": 1,
            "name": "Basic",
            "currency": "EUR",
            "interval": "year",
            "alignment": "calendar",
            "prices": [
                {
                    "key": "calls",
                    "model": "graduated",
                    "meter": "calls",
                    "unit": "call",
                    "tiers": [{"up_to": "2", "unit_price": "1.25"}, {"unit_price": "0.0001"}],
                }
            ],
        }
    ],
    "accounts": ACCOUNTS,
    "resources": [{"key": "this-computer", "account": "b", "kind": "host"}],
    "subscriptions": [
        {
            "key": f"{key}-basic",
            "account": key,
            "plan": "basic",
            "version": 1,
            "legal_entity": "main",
            "start": "2020-01-01",
        }
        for key in ("a", "b")
    ],
}


def start_path(served: Served, tenant: Tenant) -> str:
    """Return the link that `up` would print for a workspace."""
    secret = served.access.secret
    return "/start?token=" + new_start_token(
        secret, workspace=tenant.workspace, now=datetime.now(UTC)
    )


@pytest.fixture
def browser(served: Served, tenant: Tenant) -> Iterator[httpx.Client]:
    """Lend a browser that is signed in to a workspace with two customers."""
    tenant.apply(CATALOG)
    with tenant.client("") as client:
        assert client.get(start_path(served, tenant)).status_code == 303
        yield client


def total(page: str) -> str:
    """Return the big figure of the page."""
    head, tail = (re.findall(rf'class="{part}">([^<]*)<', page)[0] for part in ("head", "tail"))
    return f"{head}{tail}"


def test_nobody_sees_the_page_without_signing_in(tenant: Tenant) -> None:
    """The page leads to where one signs in; stream and charts are closed."""
    with tenant.client("") as client:
        answer = client.get("/")
        assert (answer.status_code, answer.headers["location"]) == (303, "/login")
        for path in ("/live/stream", "/charts/cpu.svg", "/charts/cpu.json"):
            assert client.get(path).status_code == 401
        client.cookies.set(COOKIE, "made-up")
        assert client.get("/").status_code == 303


def test_the_start_link_works_once(served: Served, tenant: Tenant) -> None:
    """The link sets a cookie that scripts cannot read and other sites cannot use; not twice."""
    path = start_path(served, tenant)
    first = tenant.ask("GET", path, token="")
    cookie = first.headers["set-cookie"].lower()
    assert first.status_code == 303
    assert "httponly" in cookie
    assert "samesite=strict" in cookie
    second = tenant.ask("GET", path, token="")
    assert (second.status_code, "set-cookie" in second.headers) == (403, False)


@pytest.mark.parametrize("token", ["", "x", "live.9999999999.abc.def", "a.b.c.d"])
def test_a_false_link_is_refused(tenant: Tenant, token: str) -> None:
    """A token that the operator's secret did not make opens nothing."""
    assert tenant.ask("GET", "/start", token="", params={"token": token}).status_code == 403


def test_a_start_token_ends_after_half_an_hour() -> None:
    """An old link is refused even if it was never used, and so is one of another secret."""
    token = new_start_token("secret", workspace="live", now=NOW)
    assert StartTokens("secret").redeem(token, now=NOW + timedelta(minutes=29)) == "live"
    assert StartTokens("secret").redeem(token, now=NOW + timedelta(minutes=30)) is None
    assert StartTokens("other").redeem(token, now=NOW) is None
    other = token.replace("live", "test", 1)
    assert StartTokens("secret").redeem(other, now=NOW) is None


def test_a_key_that_may_read_signs_in(tenant: Tenant) -> None:
    """A pasted key opens the page; one for ingest alone, or a wrong one, does not."""
    for scope, status in (("read", 303), ("admin", 303), ("ingest", 403)):
        answer = tenant.ask("POST", "/login", token="", data={"key": tenant.make_key(scope)[1]})
        assert answer.status_code == status, scope
    assert tenant.ask("POST", "/login", token="", data={"key": "ts_x"}).status_code == 403


def test_a_revoked_key_ends_its_sessions(tenant: Tenant) -> None:
    """A session lasts no longer than the key it came from."""
    key, token = tenant.make_key("read")
    with tenant.client("") as client:
        client.post("/login", data={"key": token})
        assert client.get("/").status_code == 200
        tenant.ask("DELETE", f"/v1/keys/{key}")
        assert client.get("/").status_code == 303


def test_signing_out_ends_the_session(browser: httpx.Client) -> None:
    """The cookie that was is worth nothing afterwards."""
    cookie = browser.cookies[COOKIE]
    assert browser.post("/logout").status_code == 303
    browser.cookies.set(COOKIE, cookie)
    assert browser.get("/").status_code == 303


def test_the_page_shows_the_bill_with_its_steps(tenant: Tenant, browser: httpx.Client) -> None:
    """Total, lines, quantities and tiers of what was used so far."""
    report = tenant.send(*({"id": str(number), "subject": "a"} for number in range(3)))
    tenant.ask("GET", "/v1/usage", params=usage_of(report))
    page = browser.get("/?account=a").text
    assert total(page) == "2.50010000"
    assert "Customer a" in page
    assert "an invoice drawn now would say <b>2.50 EUR</b>" in page
    assert "tier 1: up to 2" in page
    assert "from 3 events" in page


def test_the_owner_of_this_computer_is_shown_first(browser: httpx.Client) -> None:
    """Without a choice the page shows the account that this computer belongs to."""
    page = browser.get("/").text
    assert "Bill so far · Customer b" in page
    assert "this-computer" in page


def test_a_key_of_one_account_sees_that_account(tenant: Tenant, browser: httpx.Client) -> None:
    """Whatever account is asked for, a sibling's bill is not shown."""
    del browser  # it has applied the catalog
    _, token = tenant.make_key("read", account="a")
    with tenant.client("") as client:
        client.post("/login", data={"key": token})
        assert "Customer a" in client.get("/").text
        page = client.get("/?account=b").text
        assert "Customer b" not in page
        assert "No subscription to bill yet" in page


def test_documents_are_a_click_away(tenant: Tenant, browser: httpx.Client) -> None:
    """The list leads to each document as a page and as PDF, which ask nobody for anything else."""
    assert tenant.ask("POST", "/v1/invoices/run", json={"account": "a"}).is_success
    page = browser.get("/?account=a").text
    shown, paper = re.findall(r'href="(/invoices/[^"]+)"', page)[:2]
    answer = browser.get(shown)
    assert "Customer a" in answer.text
    assert answer.headers["content-type"] == "text/html; charset=utf-8"
    assert answer.headers["content-security-policy"].startswith("default-src 'none'; style-src")
    assert browser.get(paper).content.startswith(b"%PDF-")
    _, token = tenant.make_key("read", account="b")
    with tenant.client("") as neighbour:
        assert neighbour.get(shown).status_code == 303
        neighbour.post("/login", data={"key": token})
        assert neighbour.get(shown).status_code == 404
        assert neighbour.get(shown.replace(".html", ".exe")).status_code == 404


def test_the_bill_grows_while_one_looks(tenant: Tenant, browser: httpx.Client) -> None:
    """The stream sends the bill at once and again when usage has come in."""
    totals: list[str] = []
    with browser.stream("GET", "/live/stream?account=a") as stream:
        assert stream.headers["content-type"].startswith("text/event-stream")
        for line in stream.iter_lines():
            totals += re.findall(r'class="head">([^<]*)<', line)
            if totals == ["0.00"]:
                totals.append("sent")
                tenant.send({"id": "late", "subject": "a"})
            if totals[-1:] == ["1.25"]:
                break
    assert totals == ["0.00", "sent", "1.25"]


def test_the_page_holds_no_script_or_style_of_its_own(browser: httpx.Client) -> None:
    """The content security policy allows neither, and nothing comes from another host."""
    page = browser.get("/").text
    assert not re.findall(r"<script(?![^>]*\ssrc=)", page)
    assert not re.findall(r"<style|\sstyle=|\son\w+=|javascript:", page)
    assert not re.findall(r'(?:src|href|srcset)="(?:https?:)?//', page)


def test_files_are_kept_for_good(browser: httpx.Client) -> None:
    """Each file's address changes with its content, so browsers need not ask again."""
    page = browser.get("/").text
    files = set(re.findall(r'"(/assets/[^"]+)"', page))
    assert {file.rpartition("/")[2] for file in files} == {
        "mark.svg",
        "page.css",
        "page.js",
        "vega.js",
    }
    for file in files:
        answer = browser.get(file)
        assert answer.status_code == 200, file
        assert "immutable" in answer.headers["cache-control"]
        assert answer.headers["content-encoding"] == "gzip"
    assert browser.get("/assets/0123456789ab/page.css").status_code == 404


def test_charts_are_drawn_from_one_spec(tenant: Tenant, browser: httpx.Client) -> None:
    """The spec and the SVG show the same series, in both themes; a stretch unread is no peak."""
    now = datetime.now(UTC)
    now -= timedelta(seconds=now.second % 5, microseconds=now.microsecond)
    samples = [
        {
            "id": f"{second}",
            "type": "host.cpu",
            "subject": "this-computer",
            "time": (now - timedelta(seconds=second)).isoformat(),
            "data": {"cpu_seconds": str(1000 - second), "boot_id": "b"},
        }
        for second in range(60, 0, -1)
        if second not in range(21, 41)
    ]
    tenant.ask("GET", "/v1/usage", params=usage_of(tenant.send(*samples)))
    spec = browser.get("/charts/cpu.json?account=b").json()
    values = [point["value"] for point in spec["data"]["values"]]
    assert len(values) == 7
    assert set(values) == {1}  # one core is busy, slot after slot
    for theme, colour in (("light", "#b45f1a"), ("dark", "#f0a04b")):
        drawn = browser.get(f"/charts/cpu.svg?account=b&theme={theme}")
        assert drawn.headers["content-type"].startswith("image/svg+xml")
        assert colour in drawn.text
    assert browser.get("/charts/nothing.svg").status_code == 404
    assert browser.get("/charts/cpu.svg?theme=pink").status_code == 404


def usage_of(report: dict[str, Any]) -> dict[str, str]:
    """Return a question whose answer waits for what was sent."""
    return {
        "meter": "calls",
        "start": "2026-01-01T00:00:00Z",
        "end": "2026-01-02T00:00:00Z",
        "position": str(report["last_position"]),
    }

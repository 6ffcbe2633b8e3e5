"""A customer's own key over HTTP: its usage, its invoices, and nothing of its neighbour's."""

from typing import Any

import pytest

from tests.stories.hosting import FEBRUARY, of_account
from tests.stories.installation import Installation, Story

Month = tuple[Story, list[dict[str, Any]]]
JANUARY = {"start": "2026-01-01T00:00:00Z", "end": FEBRUARY}
NOT_FOUND, FORBIDDEN = 404, 403


@pytest.fixture(scope="module")
def key(january: Month) -> str:
    """Lend a key that may read what is northwind's."""
    made = january[0].answer(
        "keys", "create", "--label", "northwind's own", "--scope", "read", "--account", "northwind"
    )
    token: str = made["token"]
    return token


def test_own_usage(january: Month, key: str) -> None:
    """Without an account named, the key sees its account's usage alone."""
    story, _ = january
    for named in ({}, {"account": "northwind"}):
        answer = story.get("/v1/usage", key=key, meter="sent", **JANUARY, **named)
        (item,) = answer.json()["items"]
        assert item["quantity"] == "3800000000"
    groups = story.get("/v1/usage", key=key, meter="sent", group_by="subject", **JANUARY).json()
    assert [item["group"]["subject"] for item in groups["items"]] == ["192.0.2.7"]


def test_usage_of_a_neighbour(january: Month, key: str) -> None:
    """The neighbour's account is unknown to the key, and its resources have no usage."""
    story, _ = january
    asked = {"meter": "sent", **JANUARY}
    assert story.get("/v1/usage", key=key, account="southwind", **asked).status_code == NOT_FOUND
    for resource in ("198.51.100.9", "203.0.113.5", "southwind"):
        answer = story.get("/v1/usage", key=key, resource=resource, **asked)
        quantities = [item["quantity"] for item in answer.json().get("items", [])]
        assert set(quantities) <= {"0"}, resource


def test_own_invoices(january: Month, key: str) -> None:
    """The key lists, shows and verifies its account's documents."""
    story, documents = january
    own = {one["id"] for one in of_account(documents, "northwind")}
    listed = story.get("/v1/invoices", key=key).json()["items"]
    assert {item["id"] for item in listed} == own
    for invoice in own:
        assert story.get(f"/v1/invoices/{invoice}", key=key).is_success
        page = story.get(f"/v1/invoices/{invoice}/document", key=key, format="html")
        assert "northwind" in page.text.lower()
        assert page.headers["content-type"] == "text/html; charset=utf-8"
        paper = story.get(f"/v1/invoices/{invoice}/document", key=key, language="ja")
        assert paper.content.startswith(b"%PDF-")
        assert story.post(f"/v1/invoices/{invoice}/verify", key=key).is_success


def test_invoices_of_a_neighbour(january: Month, key: str) -> None:
    """The neighbour's documents do not exist for the key, by whatever address."""
    story, documents = january
    assert story.get("/v1/invoices", key=key, account="southwind").json()["items"] == []
    for one in of_account(documents, "southwind"):
        address = f"/v1/invoices/{one['id']}"
        assert story.get(address).is_success
        for path in ("", "/explain", "/proof", "/document"):
            answer = story.get(address + path, key=key)
            assert answer.status_code == NOT_FOUND, path
            assert "southwind" not in answer.text
        assert story.post(f"{address}/verify", key=key).status_code == NOT_FOUND
        assert story.post(f"{address}/issue", key=key).status_code == FORBIDDEN
    preview = story.post("/v1/invoices/preview", {"account": "southwind"}, key=key)
    assert preview.status_code == NOT_FOUND


@pytest.mark.parametrize(
    "path", ["/v1/journal", "/v1/audit/verify", "/v1/keys", "/v1/dead-letters"]
)
def test_what_is_nobody_s_own(january: Month, key: str, path: str) -> None:
    """What speaks of all accounts is closed to a key of one."""
    assert january[0].get(path, key=key).status_code == FORBIDDEN


def test_lists_show_the_own_account(january: Month, key: str) -> None:
    """Accounts, resources and subscriptions of others are not listed."""
    story, _ = january
    for path, names in (
        ("accounts", {"northwind"}),
        ("subscriptions", {"northwind"}),
        ("resources", {"vm-a", "192.0.2.7"}),
    ):
        items = story.get(f"/v1/{path}", key=key).json()["items"]
        assert {item["key"] for item in items} == names, path


def test_a_key_of_another_workspace(january: Month, installation: Installation) -> None:
    """A key with every right in another workspace finds nothing of this one."""
    _, documents = january
    other = installation.story("stranger")
    assert other.get("/v1/invoices").json()["items"] == []
    assert other.get("/v1/journal").json()["items"] == []
    for one in documents:
        assert other.get(f"/v1/invoices/{one['id']}").status_code == NOT_FOUND
    unknown = other.get("/v1/usage", meter="sent", **JANUARY)
    assert unknown.status_code == NOT_FOUND

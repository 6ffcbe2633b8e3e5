"""Workspaces with clocks of their own, over HTTP."""

import secrets
from dataclasses import replace
from datetime import UTC, datetime
from typing import Any

import pytest

from tests.serving import Served, Tenant
from tests.waiting import wait_until

LEAP_DAY = "2024-02-29T12:00:00Z"
CATALOG: dict[str, Any] = {
    "legal_entities": [
        {
            "key": "main",
            "name": "Main",
            "zone": "Europe/Berlin",
            "currency": "EUR",
            "series_prefix": "INV",
        }
    ],
    "meters": [{"key": "calls", "event_type": "call", "aggregation": "count", "unit": "request"}],
    "plans": [
        {
            "key": "pro",
            "version": 1,
            "name": "Pro",
            "currency": "EUR",
            "interval": "month",
            "alignment": "calendar",
            "prices": [
                {"key": "base", "model": "flat", "amount": "29", "cadence": "advance"},
                {
                    "key": "calls",
                    "model": "unit",
                    "meter": "calls",
                    "unit": "request",
                    "unit_price": "0.10",
                },
            ],
        }
    ],
    "accounts": [
        {"key": "acme", "name": "Acme", "zone": "Asia/Tokyo", "currency": "EUR", "invoiced": True}
    ],
    "resources": [{"key": "r1", "account": "acme"}],
    "subscriptions": [
        {
            "key": "acme-pro",
            "account": "acme",
            "plan": "pro",
            "version": 1,
            "legal_entity": "main",
            "start": "2024-02-01",
        }
    ],
}


def trial_of(served: Served, *, clock_at: str | None = LEAP_DAY, kind: str = "test") -> Tenant:
    """Create a workspace over HTTP, as the operator."""
    name = f"t{secrets.token_hex(6)}"
    token = f"ts_{name}_local_{served.access.secret}"
    tenant = Tenant(url=served.url, workspace=name, token=token)
    order = {"id": name, "name": "Trial", "kind": kind}
    order |= {} if clock_at is None else {"clock_at": clock_at}
    made = tenant.ask("POST", "/v1/workspaces", json=order)
    assert made.status_code == 201, made.text
    return tenant


def advance(tenant: Tenant, **order: str) -> dict[str, Any]:
    """Advance the clock, which must be taken."""
    answer = tenant.ask("POST", "/v1/clock/advance", json=order)
    assert answer.status_code == 200, answer.text
    report: dict[str, Any] = answer.json()
    return report


def test_gate_goes_by_the_clock_of_the_workspace(served: Served) -> None:
    """An event an hour ahead of the workspace's clock is taken, a second more is rejected."""
    trial = trial_of(served)
    report = trial.send(
        {"id": "a", "time": "2024-02-29T13:00:00Z"},
        {"id": "b", "time": "2024-02-29T13:00:01Z"},
        {"id": "c"},
    )
    assert (report["accepted"], report["rejected"]) == (2, 1)
    traced = trial.ask("GET", "/v1/events/c/trace").json()
    assert traced["items"][0]["event"]["received_at"] == "2024-02-29T12:00:00Z"
    letter = trial.ask("GET", "/v1/dead-letters").json()["items"][0]
    assert letter["received_at"] == "2024-02-29T12:00:00Z"


def test_year_is_billed_by_the_clock(served: Served) -> None:
    """Months of the payer's zone end on the way; the documents say that they are tests."""
    trial = trial_of(served)
    trial.apply(CATALOG)
    taken = trial.send({"id": "1", "subject": "r1", "time": "2024-02-29T11:00:00Z"})
    wait_until(
        lambda: trial.ask("GET", "/readyz").json()["projection_position"] >= taken["last_position"],
        seconds_max=60,
        waiting_for="the event to be counted",
    )
    report = advance(trial, to="2024-03-01T00:00:00Z")
    found = [trial.ask("GET", f"/v1/invoices/{one}").json() for one in report["issued"]]
    assert [(one["number"], one["issued_on"], one["total"]) for one in found] == [
        ("TEST-INV-2024-000001", "2024-02-29", "29"),
        ("TEST-INV-2024-000002", "2024-02-29", "29.1"),
    ]
    page = trial.ask(
        "GET", f"/v1/invoices/{report['issued'][0]}/document", params={"format": "html"}
    ).text
    assert "This document is a test." in page
    stands = trial.ask("GET", "/v1/clock").json()
    assert stands["now"] == "2024-03-01T00:00:00Z"
    assert advance(trial, to="2024-03-01T00:00:00Z")["issued"] == []


def test_preview_goes_by_the_clock(served: Served) -> None:
    """A preview of the running period is of the workspace's present, not of ours."""
    trial = trial_of(served)
    trial.apply(CATALOG)
    previews = trial.ask("POST", "/v1/invoices/preview", json={"account": "acme"}).json()
    periods = {one["period"]["start"] for one in previews["documents"]}
    assert periods == {"2024-01-31T15:00:00.000000Z"}


def test_keys_are_valid_by_the_computers_clock(served: Served) -> None:
    """A key that is over is refused, wherever the clock of its workspace stands."""
    trial = trial_of(served)
    order = {"label": "old", "scopes": ["read"], "expires_at": "2024-06-01T00:00:00Z"}
    answer = trial.ask("POST", "/v1/keys", json=order)
    assert answer.status_code == 422, answer.text


def test_secrets_of_webhooks_change_by_the_computers_clock(served: Served) -> None:
    """Calls are made by that clock, so the day in which both secrets sign is told by it too."""
    trial = trial_of(served)
    order = {"url": "https://example.com/hooks"}
    made = [trial.ask("POST", "/v1/webhooks", json=order) for _ in range(2)]
    assert [one.status_code for one in made] == [201, 201], made[-1].text
    changed = trial.ask("POST", f"/v1/webhooks/{made[0].json()['id']}/rotate").json()
    rotated_at = datetime.fromisoformat(changed["rotated_at"])
    assert abs((datetime.now(UTC) - rotated_at).total_seconds()) < 60


def test_workspaces_are_the_operators(served: Served, tenant: Tenant) -> None:
    """A key of a workspace creates, lists and copies none, whatever its scopes."""
    _, token = tenant.make_key("admin")
    order = {"id": "stolen", "name": "Stolen"}
    for method, path, body in (
        ("POST", "/v1/workspaces", order),
        ("GET", "/v1/workspaces", None),
        ("POST", "/v1/workspaces/copy", {"source": "other"}),
    ):
        assert tenant.ask(method, path, json=body, token=token).status_code == 403
    trial = trial_of(served)
    listed = trial.ask("GET", "/v1/workspaces", params={"limit": "500"}).json()["items"]
    shown = next(one for one in listed if one["id"] == trial.workspace)
    assert (shown["kind"], shown["clock_at"]) == ("test", LEAP_DAY)


def test_live_workspace_has_no_clock_to_set(served: Served) -> None:
    """Neither at its creation nor later."""
    live = trial_of(served, clock_at=None, kind="live")
    refused = live.ask("POST", "/v1/clock/advance", json={"by": "1d"})
    assert refused.json()["code"] == "live_workspace"
    order = {"id": "another", "name": "Another", "kind": "live", "clock_at": LEAP_DAY}
    assert live.ask("POST", "/v1/workspaces", json=order).json()["code"] == "live_workspace"
    now = datetime.fromisoformat(live.ask("GET", "/v1/clock").json()["now"])
    assert abs((datetime.now(UTC) - now).total_seconds()) < 60


def test_catalog_is_copied_to_test_and_reviewed_back(served: Served) -> None:
    """To test at once, with contracts if asked; back to live only what was looked at."""
    live = trial_of(served, clock_at=None, kind="live")
    live.apply(CATALOG)
    trial = trial_of(served)
    order = {"source": live.workspace, "contracts": True}
    copied = trial.ask("POST", "/v1/workspaces/copy", json=order).json()
    assert (copied["applied"]["created"], copied["applied"]["changed"]) == (6, 0)
    new = {"plans": [CATALOG["plans"][0] | {"version": 2, "name": "Pro, dearer"}]}
    trial.apply(new)
    back = {"source": trial.workspace}
    path = "/v1/workspaces/copy"
    assert live.ask("POST", path, json=back).json()["code"] == "not_reviewed"
    contracts = live.ask("POST", path, json=back | {"contracts": True}).json()
    assert contracts["code"] == "contracts_stay"
    looked = live.ask("POST", path, json=back | {"dry_run": True}).json()
    assert looked["applied"]["created"] == 1
    trial.apply({"units": ["lamp"]})
    stale = live.ask("POST", path, json=back | {"reviewed": looked["digest"]})
    assert stale.json()["code"] == "not_reviewed"
    looked = live.ask("POST", path, json=back | {"dry_run": True}).json()
    done = live.ask("POST", path, json=back | {"reviewed": looked["digest"]}).json()
    assert done["applied"]["created"] == 2
    again = live.ask("POST", path, json=back | {"reviewed": looked["digest"]}).json()
    assert (again["applied"]["created"], again["applied"]["changed"]) == (0, 0)
    assert len(live.ask("GET", "/v1/plans").json()["items"]) == 2


@pytest.mark.parametrize(
    ("source", "why"), [("nowhere", "unknown_workspace"), ("", "same_workspace")]
)
def test_copy_that_cannot_be_is_refused(served: Served, source: str, why: str) -> None:
    """From a workspace that is not there, and from itself."""
    trial = trial_of(served)
    order = {"source": source or trial.workspace}
    assert trial.ask("POST", "/v1/workspaces/copy", json=order).json()["code"] == why


def test_account_key_sees_no_clock(served: Served) -> None:
    """What concerns the whole workspace is closed to a key of one account."""
    trial = trial_of(served)
    trial.apply(CATALOG)
    _, token = trial.make_key("read", account="acme")
    bound = replace(trial, token=token)
    assert bound.ask("GET", "/v1/clock").status_code == 403

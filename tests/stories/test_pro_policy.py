"""
The policy of plan `pro` as published: applied as it is, each of its rules held, billed, given back.

March 2026 by the clock of a test workspace.  Calls are asked for as a gateway does: the rate of the
minute first, then the month.  Two numbers are sent as events, as old usage is: 499,999 calls, and
27 GB that are stored.
"""

from datetime import UTC, datetime
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest

from tallystick.integrations.catalog_files import source_from_yaml
from tests.stories.catalog_file import contract, customer, write_catalog
from tests.stories.installation import Installation, Story
from tests.waiting import wait_until

pytestmark = pytest.mark.shared
EXAMPLE = Path(__file__).resolve().parents[3] / "shared" / "examples" / "quota-policy.yaml"
BEGUN = datetime(2026, 3, 5, 10, tzinfo=UTC)
SOURCE = "gateway"
FEE = Decimal("299.00")
SWITCHES = ("advanced-reporting", "api-access", "custom-branding", "email-notifications")
NOT_IN_PRO = "single-sign-on"
LEVELS = (
    {"key": "users", "kind": "level", "unit": "user"},
    {"key": "jobs", "kind": "level", "unit": "job", "policy_name": "scheduled_jobs"},
)
MEASURED: tuple[dict[str, object], ...] = (
    {"key": "storage", "kind": "metered", "meter": "storage"},
    {"key": "api-rate", "kind": "rate", "per": "minute", "unit": "call"},
    {"key": "api-calls", "kind": "metered", "meter": "api-calls", "window": {"every": "month"}},
)
SWITCHED = tuple({"key": key, "kind": "switch"} for key in (*SWITCHES, NOT_IN_PRO))
METERS = [
    {"key": "api-calls", "event_type": "api.call", "aggregation": "sum", "value": "calls",
     "unit": "call"},
    {"key": "storage", "event_type": "storage.used", "aggregation": "max", "value": "gb",
     "unit": "GB"},
]  # fmt: skip
LARGER = {"key": "max", "version": 1, "name": "Max", "currency": "USD", "interval": "month",
          "prices": [{"key": "base", "model": "flat", "amount": "599", "cadence": "advance"}],
          "entitlements": [{"feature": "users", "limit": "500"}]}  # fmt: skip


@pytest.fixture
def story(installation: Installation, tmp_path: Path, request: pytest.FixtureRequest) -> Story:
    """Lend a workspace on 5 March in which acme has had the published plan since the first."""
    found = installation.story(request.node.name.replace("_", "-")[:39].strip("-"), clock_at=BEGUN)
    found.apply(write_catalog(tmp_path, meters=METERS, features=[*LEVELS, *MEASURED, *SWITCHED]))
    found.apply(EXAMPLE)
    acme = contract("acme", plan="pro", start="2026-03-01")
    there = {"accounts": [customer("acme")], "subscriptions": [acme], "plans": [LARGER]}
    lists: dict[str, Any] = there
    assert found.run("apply", "-f", write_catalog(tmp_path, **lists)).code == 0
    return found


def ask(story: Story, verb: str, feature: str, **more: object) -> dict[str, Any]:
    """Ask of a quota over HTTP, as the customer's gateway does."""
    order = {"account": "acme", "feature": feature, **more}
    answer = story.post(f"/v1/quota/{verb}", order)
    assert answer.status_code == 200, answer.text
    found: dict[str, Any] = answer.json()
    return found


def may_call(story: Story, id: str, calls: int) -> dict[str, Any]:
    """Ask for calls: within the rate of the minute, then of the month."""
    rate = ask(story, "consume", "api-rate", quantity=str(calls))
    if not rate["allowed"]:
        return rate
    return ask(story, "consume", "api-calls", quantity=str(calls), source=SOURCE, id=id)


def send(story: Story, kind: str, **data: object) -> None:
    """Send an event about usage that is over."""
    event = {"specversion": "1.0", "source": SOURCE, "subject": "acme", "id": f"old-{kind}",
             "type": kind, "data": data}  # fmt: skip
    answer = story.post("/v1/events", event)
    assert answer.status_code == 202, answer.text


def await_used(story: Story, feature: str, used: str) -> None:
    """Wait until what was sent counts against a limit."""
    wait_until(
        lambda: ask(story, "check", feature)["used"] == used,
        waiting_for=f"{feature} to count",
        seconds_max=30,
    )


def advance(story: Story, to: str) -> None:
    """Let time pass, and all that falls due in it happen."""
    story.answer("clock", "advance", "--to", to)


def told(story: Story) -> set[tuple[str, str]]:
    """Return of which limits the account was told, and what they do."""
    alerts = [one["alert"] for one in story.answer("usage-alert", "list")]
    return {(one["feature"], one["action"]) for one in alerts if one["kind"] == "enforced"}


def documents(story: Story) -> list[tuple[str, Decimal, dict[str, Decimal]]]:
    """Return the documents that were issued, in their order: type, total, and each price's sum."""
    found = [story.invoice(str(one["id"])) for one in story.answer("invoice", "list")]
    found.sort(key=lambda one: (one["issued_on"], one["document_type"]))
    return [
        (
            str(one["document_type"]),
            Decimal(one["total"]),
            {each["price"]: Decimal(each["money"]) for each in one["lines"]},
        )
        for one in found
    ]


def test_what_exists_at_once_is_bounded_and_what_is_not_granted_is_off(story: Story) -> None:
    """50 users and 10 jobs; the next invite is refused with a prompt and told; four features."""
    users = [ask(story, "acquire", "users", unit=f"u{n}")["allowed"] for n in range(50)]
    assert all(users)
    invite = ask(story, "acquire", "users", unit="u50")
    assert (invite["allowed"], invite["reason"]) == (False, "limit_reached")
    assert invite["offer"]["text"] == "A larger plan grants more of users."
    assert ("users", "limit_reached") in told(story)
    ask(story, "give-back", "users", unit="u7")
    assert ask(story, "acquire", "users", unit="u50")["allowed"]

    jobs = [ask(story, "acquire", "jobs", unit=f"j{n}")["allowed"] for n in range(11)]
    assert jobs == [True] * 10 + [False]

    switches = {key: ask(story, "check", key)["reason"] for key in (*SWITCHES, NOT_IN_PRO)}
    assert switches == {**dict.fromkeys(SWITCHES, "switched_on"), NOT_IN_PRO: "not_entitled"}


def test_calls_are_held_to_the_minute_then_throttled_then_charged(story: Story) -> None:
    """300 a minute; beyond 500,000 a month 50 a minute, each at 0.0005: 250 come to 0.13."""
    assert may_call(story, "first", 300)["reason"] == "within_limit"
    refused = may_call(story, "too-fast", 1)
    assert (refused["feature"], refused["reason"]) == ("api-rate", "rate_exceeded")
    assert 0 < refused["retry_after_seconds"] <= 61
    assert ("api-rate", "rate_exceeded") in told(story)

    send(story, "api.call", calls=499_999 - 300)
    await_used(story, "api-calls", "499999")
    advance(story, "2026-03-05T10:02:00Z")
    assert may_call(story, "last", 1)["reason"] == "within_limit"
    for minute in range(5):
        passed = may_call(story, f"slow-{minute}", 50)
        assert (passed["reason"], passed["overage"]) == ("throttle", "50")
        assert passed["offer"]["text"] == "A larger plan grants more of api-calls."
        beyond = may_call(story, f"beyond-{minute}", 1)
        assert (beyond["feature"], beyond["reason"]) == ("api-calls", "rate_exceeded")
        advance(story, f"2026-03-05T10:{4 + 2 * minute:02}:00Z")
    assert {("api-calls", "throttle"), ("api-calls", "rate_exceeded")} <= told(story)

    advance(story, "2026-04-01T00:00:00Z")
    fee, month = documents(story)
    assert fee == ("invoice", FEE, {"base": FEE})
    charged = {"base": FEE, "api-calls": Decimal("0.13"), "storage": 0}
    assert month == ("invoice", Decimal("299.13"), charged)


def test_uploads_are_blocked_after_a_week_and_storage_is_charged(story: Story) -> None:
    """25 GB; 27 let uploads pass for 7 days, then not; 2 GB beyond cost 4.00."""
    send(story, "storage.used", gb=27)
    await_used(story, "storage", "27")
    upload = {"operation": "uploads"}
    assert ask(story, "check", "storage", **upload)["reason"] == "grace"
    advance(story, "2026-03-12T09:59:59Z")
    assert ask(story, "check", "storage", **upload)["reason"] == "grace"
    advance(story, "2026-03-12T10:00:30Z")
    blocked = story.answer("quota", "check", "acme", "storage", "0.5", "--operation", "uploads")
    assert (blocked["allowed"], blocked["reason"]) == (False, "limit_reached")
    assert ask(story, "check", "storage", operation="downloads")["allowed"]
    assert ("storage", "limit_reached") in told(story)

    advance(story, "2026-04-01T00:00:00Z")
    charged = {"base": FEE, "api-calls": 0, "storage": Decimal("4.00")}
    assert documents(story)[1:] == [("invoice", Decimal("303.00"), charged)]


def test_a_change_within_the_month_is_prorated_and_the_policy_comes_back(
    story: Story, tmp_path: Path
) -> None:
    """From 16 March on `max`: 16 of 31 days of 299.00 return, 16 of 599.00 are due."""
    advance(story, "2026-03-16T00:00:00Z")
    story.answer("subscription", "change", "acme", "--plan", "max@1", "--when", "now")
    advance(story, "2026-03-16T01:00:00Z")
    back, due = Decimal("-154.32"), Decimal("309.16")
    assert documents(story) == [
        ("invoice", FEE, {"base": FEE}),
        ("credit_note", back, {"base": back}),
        ("invoice", due, {"base": due}),
    ]

    there = tmp_path / "policy.yaml"
    assert story.run("quota-policy", "export", "pro", "--output", there).code == 0
    read = [source_from_yaml(one.read_bytes(), file=one.name)[0].body for one in (EXAMPLE, there)]
    assert repr(read[0]) == repr(read[1])

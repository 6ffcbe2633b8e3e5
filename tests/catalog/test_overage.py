"""What becomes of use beyond a limit, in catalog documents."""

from decimal import Decimal
from typing import Any

import pytest

from tallystick.catalog import (
    Catalog,
    Documents,
    Entitlement,
    Grace,
    Overage,
    OverageAction,
    RateUnit,
    Throttle,
    Unreachable,
    catalog_documents,
    catalog_from_documents,
    plan_catalog,
)
from tallystick.kernel import Done, PlanKey, Refused, instant

NOW = instant("2026-06-01T00:00:00Z")
FEATURES: list[object] = [
    {"key": "calls", "kind": "metered", "meter": "calls", "if_unreachable": "fail_open"},
    {"key": "storage", "kind": "metered", "meter": "calls"},
    {"key": "users", "kind": "level", "unit": "user"},
    {"key": "rate", "kind": "rate", "per": "minute", "unit": "call"},
    {"key": "sso", "kind": "switch"},
]


def documents(*granted: dict[str, Any], features: list[object] = FEATURES) -> Documents:
    """Return a catalog in which plan pro grants, and plan max may follow it."""
    plan = {
        "version": 1,
        "name": "Pro",
        "currency": "EUR",
        "interval": "month",
        "prices": [{"key": "base", "model": "flat", "amount": "10"}],
    }
    meter = {"key": "calls", "event_type": "call", "aggregation": "count", "unit": "call"}
    plans: list[object] = [plan | {"key": "pro", "entitlements": [*granted]}, plan | {"key": "max"}]
    return Documents(lists={"meters": [meter], "features": features, "plans": plans})


def read(*granted: dict[str, Any]) -> Catalog:
    """Return what documents without a problem declare."""
    outcome = catalog_from_documents(documents(*granted))
    assert isinstance(outcome, Done), outcome
    return outcome.value


def test_what_becomes_of_overage_comes_back_as_written() -> None:
    """Every action is read, written and read again as the same, with its rate, grace and limits."""
    declared = read(
        {
            "feature": "calls",
            "limit": "500000",
            "overage": {
                "action": "throttle",
                "throttle": {"limit": "50", "per": "minute", "burst": "80"},
                "hard_limit": "600000",
                "offer": True,
                "upgrade_to": "max",
            },
        },
        {
            "feature": "storage",
            "limit": "25",
            "overage": {"action": "block_uploads", "grace": {"days": 7, "percent": "10"}},
        },
        {"feature": "rate", "limit": "300", "burst": "60"},
        {"feature": "users", "limit": "50", "overage": {"action": "charge", "notify": False}},
    )
    slow = Throttle(limit=Decimal(50), per=RateUnit.MINUTE, burst=Decimal(80))
    assert declared.plan_versions[PlanKey("pro"), 1].entitlements == (
        Entitlement(
            feature="calls",
            limit=Decimal(500000),
            overage=Overage(
                action=OverageAction.THROTTLE,
                throttle=slow,
                hard_limit=Decimal(600000),
                offer=True,
                upgrade_to="max",
            ),
        ),
        Entitlement(feature="rate", limit=Decimal(300), burst=Decimal(60)),
        Entitlement(
            feature="storage",
            limit=Decimal(25),
            overage=Overage(
                action=OverageAction.BLOCK,
                operation="uploads",
                grace=Grace(days=7, percent=Decimal(10)),
            ),
        ),
        Entitlement(
            feature="users",
            limit=Decimal(50),
            overage=Overage(action=OverageAction.CHARGE, notify=False),
        ),
    )
    assert declared.features["calls"].if_unreachable is Unreachable.FAIL_OPEN
    assert declared.features["users"].if_unreachable is Unreachable.FAIL_CLOSED
    again = catalog_from_documents(catalog_documents(declared))
    assert isinstance(again, Done)
    assert again.value == declared


@pytest.mark.parametrize(
    ("feature", "overage", "field"),
    [
        ("calls", {}, ".action"),
        ("calls", {"action": "refuse"}, ".action"),
        ("calls", {"action": "block_"}, ".action"),
        ("calls", {"action": "block uploads"}, ".action"),
        ("calls", {"action": "throttle"}, ".throttle"),
        ("calls", {"action": "charge", "throttle": {"limit": "5", "per": "second"}}, ".throttle"),
        ("calls", {"action": "throttle", "throttle": {"limit": "0", "per": "second"}}, ".limit"),
        ("calls", {"action": "throttle", "throttle": {"limit": "5", "per": "hour"}}, ".per"),
        ("calls", {"action": "throttle", "throttle": {"per": "second"}}, ".throttle.limit"),
        ("calls", {"action": "charge", "operation": "uploads"}, ".operation"),
        ("calls", {"action": "charge", "grace": {"days": 7}}, ".grace"),
        ("calls", {"action": "block", "grace": {}}, ".grace"),
        ("calls", {"action": "block", "grace": {"days": 0}}, ".grace.days"),
        ("calls", {"action": "block", "grace": {"days": 366}}, ".grace.days"),
        ("calls", {"action": "block", "grace": {"percent": "-1"}}, ".grace.percent"),
        ("calls", {"action": "block", "hard_limit": "49.99"}, ".hard_limit"),
        ("calls", {"action": "auto_upgrade"}, ".upgrade_to"),
        ("calls", {"action": "auto_upgrade", "upgrade_to": "mix"}, ".upgrade_to"),
        ("calls", {"action": "block", "upgrade_to": "max"}, ".upgrade_to"),
        ("calls", {"action": "block", "colour": "red"}, ".colour"),
        ("users", {"action": "throttle", "throttle": {"limit": "5", "per": "second"}}, ".action"),
        ("rate", {"action": "charge"}, ".action"),
        ("rate", {"action": "block", "grace": {"percent": "10"}}, ".grace"),
        ("sso", {"action": "block"}, ""),
    ],
)
def test_an_overage_that_contradicts_itself_is_refused(
    feature: str, overage: dict[str, Any], field: str
) -> None:
    """Each mistake is said at its field."""
    granted = {"feature": feature, "overage": overage} | (
        {} if feature == "sso" else {"limit": "50"}
    )
    outcome = catalog_from_documents(documents(granted))
    assert isinstance(outcome, Refused)
    (problem,) = outcome.problems
    assert problem.field.startswith("plans[0].entitlements[0].overage")
    assert problem.field.endswith(field)


@pytest.mark.parametrize(
    ("granted", "field"),
    [
        ({"feature": "users", "limit": "5", "burst": "2"}, "burst"),
        ({"feature": "rate", "limit": "5", "burst": "0"}, "burst"),
        ({"feature": "rate", "burst": "2"}, "burst"),
        ({"feature": "users", "overage": {"action": "charge"}}, "overage"),
        ({"feature": "users", "enabled": False, "overage": {"action": "charge"}}, "overage"),
    ],
)
def test_what_is_said_of_a_limit_needs_one(granted: dict[str, Any], field: str) -> None:
    """A burst is of a rate with a limit; nothing is beyond a limit that is not there."""
    outcome = catalog_from_documents(documents(granted))
    assert isinstance(outcome, Refused)
    assert [one.field for one in outcome.problems] == [f"plans[0].entitlements[0].{field}"]


def test_what_holds_without_a_server_may_change_while_granted() -> None:
    """It does not alter what was granted or counted."""
    stored = read({"feature": "users", "limit": "5"})
    changed = [{"key": "users", "kind": "level", "unit": "user", "if_unreachable": "fail_open"}]
    outcome = plan_catalog(Documents(lists={"features": changed}), stored=stored, at=NOW)
    assert isinstance(outcome, Done), outcome

"""Products, features and what is granted of them in catalog documents."""

from decimal import Decimal
from typing import Any

import pytest

from tallystick.catalog import (
    Catalog,
    Documents,
    Entitlement,
    catalog_documents,
    catalog_from_documents,
    plan_catalog,
)
from tallystick.kernel import Done, PlanKey, Refused, SubscriptionKey, instant
from tests.catalogs import catalog

SMALL = catalog()
NOW = instant("2026-06-01T00:00:00Z")
METER = {"key": "calls", "event_type": "call", "aggregation": "count", "unit": "call"}
FEATURES: list[object] = [
    {"key": "sso", "kind": "switch", "name": "Single sign-on", "product": "suite"},
    {"key": "support", "kind": "value"},
    {"key": "users", "kind": "level", "unit": "user"},
    {"key": "rate", "kind": "rate", "per": "minute", "unit": "call"},
    {"key": "calls", "kind": "metered", "meter": "calls", "window": {"every": "month"}},
    {"key": "burst", "kind": "metered", "meter": "calls", "window": {"rolling_seconds": 3600}},
]
GRANTED: list[object] = [
    {"feature": "sso"},
    {"feature": "support", "value": "gold"},
    {"feature": "users", "limit": "50"},
    {"feature": "calls"},
]
PLAN: dict[str, object] = {
    "key": "pro",
    "version": 9,
    "name": "Pro",
    "currency": "EUR",
    "interval": "month",
    "product": "suite",
    "prices": [{"key": "base", "model": "flat", "amount": "10"}],
    "entitlements": GRANTED,
}
LISTS: dict[str, list[object]] = {
    "meters": [METER],
    "products": [{"key": "suite", "name": "Suite"}],
    "features": FEATURES,
    "plans": [PLAN],
}


def problems(stored: Catalog, **lists: list[object]) -> list[str | None]:
    """Return the paths of the problems of documents."""
    outcome = plan_catalog(Documents(lists=lists), stored=stored, at=NOW)
    return [p.field for p in outcome.problems] if isinstance(outcome, Refused) else []


def read(**lists: list[object]) -> Catalog:
    """Return what documents without a problem declare."""
    outcome = catalog_from_documents(Documents(lists={**LISTS, **lists}))
    assert isinstance(outcome, Done), outcome
    return outcome.value


def test_features_and_what_a_plan_grants_come_back_as_written() -> None:
    """Each kind is read, written and read again as the same; a limit left out is none."""
    declared = read()
    again = catalog_from_documents(catalog_documents(declared))
    assert isinstance(again, Done)
    assert again.value == declared
    granted = declared.plan_versions[PlanKey("pro"), 9].entitlements
    assert granted == (
        Entitlement(feature="calls"),
        Entitlement(feature="sso"),
        Entitlement(feature="support", value="gold"),
        Entitlement(feature="users", limit=Decimal(50)),
    )


@pytest.mark.parametrize(
    ("feature", "field"),
    [
        ({"key": "x", "kind": "switches"}, "kind"),
        ({"key": "x", "kind": "metered"}, "meter"),
        ({"key": "x", "kind": "metered", "meter": "cells"}, "meter"),
        ({"key": "x", "kind": "level", "meter": "calls"}, "meter"),
        ({"key": "x", "kind": "rate"}, "per"),
        ({"key": "x", "kind": "rate", "per": "hour"}, "per"),
        ({"key": "x", "kind": "switch", "per": "minute"}, "per"),
        ({"key": "x", "kind": "switch", "unit": "user"}, "unit"),
        ({"key": "x", "kind": "level", "window": {"every": "day"}}, "window"),
        ({"key": "x", "kind": "metered", "meter": "calls", "window": {}}, "window"),
        (
            {"key": "x", "kind": "metered", "meter": "calls", "window": {"rolling_seconds": 10**9}},
            "window.rolling_seconds",
        ),
        ({"key": "x", "kind": "switch", "product": "nothing"}, "product"),
    ],
)
def test_a_feature_that_contradicts_itself_is_refused(
    feature: dict[str, object], field: str
) -> None:
    """Each mistake is said at its field."""
    assert f"features[0].{field}" in problems(SMALL, meters=[METER], features=[feature])


@pytest.mark.parametrize(
    ("granted", "field"),
    [
        ({"feature": "ssu"}, "feature"),
        ({"feature": "sso", "limit": "1"}, "limit"),
        ({"feature": "sso", "value": "yes"}, "value"),
        ({"feature": "support"}, "value"),
        ({"feature": "users", "limit": "-1"}, "limit"),
        ({"feature": "users", "limit": "many"}, "limit"),
        ({"feature": "users", "adds": True}, "adds"),
        ({"feature": "users", "enabled": False, "limit": "1"}, "enabled"),
        ({"feature": "users", "colour": "red"}, "colour"),
    ],
)
def test_what_does_not_go_with_a_feature_is_not_granted(
    granted: dict[str, Any], field: str
) -> None:
    """A limit of a switch, a value of a level and an unknown feature are refused, at the field."""
    plan = PLAN | {"entitlements": [granted]}
    lists: dict[str, list[object]] = {**LISTS, "plans": [plan]}
    found = problems(Catalog(), **lists)
    assert f"plans[0].entitlements[0].{field}" in found


def test_a_feature_is_granted_once_by_a_plan() -> None:
    """The second entry is refused; which of the two held would be a riddle."""
    plan = PLAN | {"entitlements": [{"feature": "sso"}, {"feature": "sso", "enabled": False}]}
    lists: dict[str, list[object]] = {**LISTS, "plans": [plan]}
    found = problems(Catalog(), **lists)
    assert found == ["plans[0].entitlements[1].feature"]


def test_a_feature_that_is_granted_keeps_its_kind() -> None:
    """What plans grant of it would mean something else; its name may change."""
    stored = read()
    level = {"key": "users", "kind": "level", "unit": "seat"}
    assert problems(stored, features=[level]) == ["features[0].unit"]
    assert problems(stored, features=[level | {"unit": "user", "name": "Users"}]) == []
    free = {"key": "rate", "kind": "rate", "per": "second", "unit": "call"}
    assert problems(stored, features=[free]) == []


def test_a_contract_grants_from_its_start_and_by_changes() -> None:
    """A contract's own grants are read with it and kept when its file is applied again."""
    stored = catalog()
    key, contract = next(iter(stored.subscriptions.items()))
    (document,) = [
        each
        for each in catalog_documents(stored).lists["subscriptions"]
        if isinstance(each, dict) and each["key"] == key
    ]
    changed = {
        **document,
        "changes": [
            {"at": "2030-01-01T00:00:00Z", "entitlements": [{"feature": "users", "limit": "60"}]},
            {"at": "2030-02-01T00:00:00Z", "plan_entitlements": ["users"]},
        ],
    }
    outcome = plan_catalog(
        Documents(lists={"features": FEATURES[2:3], "subscriptions": [changed]}),
        stored=stored,
        at=NOW,
    )
    assert isinstance(outcome, Done), outcome
    kept = outcome.value.stores.subscriptions[SubscriptionKey(key)]
    assert kept.changes[-2].entitlements == (Entitlement(feature="users", limit=Decimal(60)),)
    assert kept.changes[-1].plan_entitlements == ("users",)
    assert contract.changes == kept.changes[:-2]

"""Alert rules in catalog documents: what is refused, and that they may change at any time."""

import pytest

from tallystick.catalog import Catalog, Documents, plan_catalog
from tallystick.kernel import Done, Refused, instant
from tests.catalogs import catalog

SMALL = catalog()
NOW = instant("2026-06-01T00:00:00Z")
NIGHT = {"start": "22:00", "end": "07:00", "zone": "Europe/Berlin"}
STEP_2 = "escalation[1].after_minutes"
RULE = {"key": "watch", "account": "acme", "thresholds": [{"percent": "70"}]}
SPEND = {"watched": "spend", "currency": "EUR", "thresholds": [{"amount": "5"}]}
BUDGET = {"watched": "budget", "currency": "EUR", "budget": "100"}
CREDIT = {"watched": "credit", "currency": "EUR", "thresholds": [{"projected": "0"}]}


def planned(stored: Catalog, *rules: object) -> list[str | None]:
    """Return the paths of the problems of rules, below the list."""
    outcome = plan_catalog(Documents(lists={"alert_rules": rules}), stored=stored, at=NOW)
    if not isinstance(outcome, Refused):
        return []
    return [str(p.field).removeprefix("alert_rules[0].") for p in outcome.problems]


@pytest.mark.parametrize(
    ("changes", "field"),
    [
        ({"thresholds": []}, "thresholds"),
        ({"thresholds": [{"percent": "70"}, {"percent": "70.0"}]}, "thresholds[1]"),
        ({"thresholds": [{"percent": "0"}]}, "thresholds[0]"),
        ({"thresholds": [{"percent": "70", "amount": "5"}]}, "thresholds[0].percent"),
        ({"thresholds": [{"severity": "info"}]}, "thresholds[0].percent"),
        ({"thresholds": [{"percent": "70", "severity": "bad"}]}, "thresholds[0].severity"),
        ({"thresholds": [{"percent": "70", "rearm_by": "70"}]}, "thresholds[0]"),
        ({"account": "nobody"}, "account"),
        ({"account": "acme", "plan": "pro"}, "plan"),
        ({"account": None, "plan": "none"}, "plan"),
        ({"feature": "none"}, "feature"),
        ({"watched": "weather"}, "watched"),
        ({"quiet_hours": {**NIGHT, "end": "22:00"}}, "quiet_hours"),
        ({"quiet_hours": {**NIGHT, "start": "10 pm"}}, "quiet_hours.start"),
        ({"quiet_hours": {**NIGHT, "zone": "Berlin"}}, "quiet_hours"),
        ({"quiet_hours": {**NIGHT, "days": ["friday", "freitag"]}}, "quiet_hours.days[1]"),
        ({"recipients": ["desk@our.example", "desk"]}, "recipients[1]"),
        ({"language": "tlh"}, "language"),
        ({"escalation": [{"recipients": ["a@b.example"]}]}, "escalation[0].after_minutes"),
        ({"group": {"minutes": 0}}, "group.minutes"),
        ({"group": {"minutes": 1_441}}, "group.minutes"),
        ({"group": {"minutes": 5, "by": "feature"}}, "group.by"),
        ({"escalation": [{"after_minutes": 50_000}]}, "escalation[0].after_minutes"),
        ({"escalation": [{"after_minutes": 5}, {"after_minutes": 5}]}, STEP_2),
        ({"escalation": [{"after_minutes": n} for n in range(1, 7)]}, "escalation"),
        ({"colour": "red"}, "colour"),
        ({"currency": "EUR"}, "currency"),
        ({"budget": "5"}, "budget"),
        (SPEND | {"currency": None}, "currency"),
        (SPEND | {"feature": "none"}, "feature"),
        (SPEND | {"per": "month"}, "per"),
        (SPEND | {"thresholds": [{"projected": "100"}]}, "thresholds[0]"),
        (BUDGET | {"budget": None}, "budget"),
        (BUDGET | {"budget": "0"}, "budget"),
        (BUDGET | {"per": "day"}, "per"),
        (CREDIT | {"budget": "5"}, "budget"),
        (SPEND | {"over": "tree"}, "over"),
        (BUDGET | {"over": "forest"}, "over"),
        (BUDGET | {"over": "tree", "account": None}, "over"),
    ],
)
def test_a_rule_that_cannot_be_is_refused(changes: dict[str, object], field: str) -> None:
    """Each mistake is said at its field."""
    assert field in planned(SMALL, RULE | changes)


@pytest.mark.parametrize(
    "changes", [SPEND, BUDGET, BUDGET | {"per": "year", "over": "tree"}, CREDIT]
)
def test_rules_watch_money(changes: dict[str, object]) -> None:
    """Spend, a budget and credit have a currency, and a budget an amount."""
    assert planned(SMALL, RULE | changes) == []


def test_a_rule_may_change_and_be_disabled() -> None:
    """Nothing was promised by a rule: all but its key may become another."""
    documents = Documents(lists={"alert_rules": [RULE | {"quiet_hours": NIGHT}]})
    outcome = plan_catalog(documents, stored=SMALL, at=NOW)
    assert isinstance(outcome, Done), outcome
    stored = Catalog(alert_rules=outcome.value.stores.alert_rules, accounts=SMALL.accounts)
    changed = {"key": "watch", "thresholds": [{"amount": "5"}], "enabled": False}
    assert planned(stored, changed) == []

"""Personal paths are declared by type, and no meter may need the value that stands at one."""

from typing import Any

import pytest

from tallystick.catalog import Action, Documents, catalog_documents, plan_catalog
from tallystick.kernel import Done, Outcome, Refused, instant
from tallystick.personal import DeclaredPaths, pseudonym_of
from tests.catalogs import catalog

NOW = instant("2026-06-01T00:00:00Z")
DECLARED: dict[str, Any] = {"event_type": "call", "paths": ["user.email", "ip"]}
METER: dict[str, Any] = {"key": "m", "event_type": "call", "aggregation": "count", "unit": "call"}
PSEUDONYM = pseudonym_of('"jane"', salt=bytes(32))


def planned(**given: list[Any]) -> Outcome[Any]:
    """Plan the application of some lists."""
    return plan_catalog(Documents(lists=given), stored=catalog(), at=NOW)


def test_declared_paths_come_back() -> None:
    """What is declared is stored by type and exported as it was declared."""
    outcome = planned(personal_data=[DECLARED])
    assert isinstance(outcome, Done)
    stores = outcome.value.stores
    assert stores.personal_data["call"] == DeclaredPaths(
        event_type="call", paths=("ip", "user.email")
    )
    again = plan_catalog(catalog_documents(stores), stored=stores, at=NOW)
    assert isinstance(again, Done)
    assert again.value.count(Action.UNCHANGED) == len(again.value.changes)


def test_no_paths_end_it() -> None:
    """A type is declared without paths again, which is a change like any other."""
    first = planned(personal_data=[DECLARED])
    assert isinstance(first, Done)
    stored = first.value.stores
    ended = Documents(lists={"personal_data": [{"event_type": "call", "paths": []}]})
    outcome = plan_catalog(ended, stored=stored, at=NOW)
    assert isinstance(outcome, Done)
    assert outcome.value.stores.personal_data["call"].paths == ()


@pytest.mark.parametrize(
    ("document", "code"),
    [
        ({"event_type": "call"}, "missing_field"),
        ({"event_type": "tallystick.event.amended", "paths": ["a"]}, "wrong_value"),
        ({"event_type": "call", "paths": ["user", "user.email"]}, "wrong_value"),
        ({"event_type": "call", "paths": ["a..b"]}, "bad_path"),
        ({"event_type": "call", "paths": [f"p{n}" for n in range(17)]}, "too_many"),
        ({"event_type": "call", "paths": [], "path": "a"}, "unknown_field"),
    ],
)
def test_unsound_declarations_are_refused(document: dict[str, Any], code: str) -> None:
    """Each mistake has its code, at the field."""
    outcome = planned(personal_data=[document])
    assert isinstance(outcome, Refused)
    assert [problem.code for problem in outcome.problems] == [code]
    assert outcome.problems[0].field.startswith("personal_data[0]")


@pytest.mark.parametrize(
    "reading",
    [
        {"aggregation": "sum", "value": "ip"},
        {"aggregation": "unique", "value": "user.email.host"},
        {"aggregation": "sum", "value": {"expression": 'if data.ip in ("x") then 1 else 0'}},
        {"filters": [{"path": "ip", "op": "eq", "values": ["10.0.0.1"]}]},
        {"filters": [{"path": "user.email.host", "op": "exists"}]},
        {"dimensions": ["user.email.host"]},
    ],
)
def test_meters_that_need_the_value_are_refused(reading: dict[str, Any]) -> None:
    """A number, an expression, a value written out, and what is below: none would be read."""
    meter = METER | reading
    for first, then in (
        ({"personal_data": [DECLARED]}, {"meters": [meter]}),
        ({"meters": [meter]}, {"personal_data": [DECLARED]}),
    ):
        stored = planned(**first)
        assert isinstance(stored, Done), stored
        outcome = plan_catalog(Documents(lists=then), stored=stored.value.stores, at=NOW)
        assert isinstance(outcome, Refused), outcome
        assert {problem.code for problem in outcome.problems} == {"personal_path"}


@pytest.mark.parametrize(
    "reading",
    [
        {"aggregation": "unique", "value": "user.email"},
        {"dimensions": ["ip"]},
        {"filters": [{"path": "ip", "op": "exists"}]},
        {"filters": [{"path": "ip", "op": "eq", "values": [PSEUDONYM]}]},
        {"event_type": "other", "aggregation": "sum", "value": "ip"},
        {"aggregation": "sum", "value": "ipv"},
    ],
)
def test_meters_that_tell_values_apart_are_taken(reading: dict[str, Any]) -> None:
    """Distinct values, groups, presence, a pseudonym written out, and what is not personal."""
    outcome = planned(personal_data=[DECLARED], meters=[METER | reading])
    assert isinstance(outcome, Done), outcome

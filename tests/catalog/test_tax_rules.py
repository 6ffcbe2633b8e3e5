"""Tax rules in files: every mistake is said, with its place."""

from datetime import date
from decimal import Decimal

import pytest

from tallystick.catalog import (
    Action,
    Catalog,
    Documents,
    TaxRule,
    catalog_from_documents,
    plan_catalog,
)
from tallystick.kernel import Done, Refused
from tests.clock import NEW_YEAR

RULE = {"key": "de", "country": "DE", "rate": "19", "valid_from": "2021-01-01"}
ENTITY = {"key": "main", "name": "Main", "zone": "UTC", "currency": "EUR"}
ACCOUNT = {"key": "a", "name": "A", "zone": "UTC", "currency": "EUR", "invoiced": True}


def problems(**lists: list[object]) -> list[str]:
    """Return the fields of what is wrong with documents."""
    outcome = catalog_from_documents(Documents(lists=lists))
    return [one.field for one in outcome.problems] if isinstance(outcome, Refused) else []


@pytest.mark.parametrize(
    ("changes", "field"),
    [
        ({"rate": "-1"}, "rate"),
        ({"rate": "nineteen"}, "rate"),
        ({"rate": 0}, "rate"),
        ({"category": "AE"}, "rate"),
        ({"category": "E", "rate": 0}, "reason"),
        ({"category": "X"}, "category"),
        ({"country": "Germany"}, "country"),
        ({"country": "", "jurisdiction": ""}, "jurisdiction"),
        ({"supply": "abroad"}, "supply"),
        ({"valid_until": "2020-01-01"}, "valid_until"),
        ({"valid_from": "yesterday"}, "valid_from"),
        ({"percent": 19}, "percent"),
    ],
)
def test_a_mistake_in_a_rule(changes: dict[str, object], field: str) -> None:
    """Each mistake is told at its field."""
    assert f"tax_rules[0].{field}" in problems(tax_rules=[RULE | changes])


def test_two_rules_on_one_day() -> None:
    """Two rules for the same supply may not hold on one day; one after the other may."""
    other = RULE | {"key": "other", "valid_from": "2026-01-01"}
    assert problems(tax_rules=[RULE, other]) == [
        "tax_rules[0].valid_from", "tax_rules[1].valid_from",
    ]  # fmt: skip
    assert problems(tax_rules=[RULE | {"valid_until": "2026-01-01"}, other]) == []
    assert problems(tax_rules=[RULE, other | {"product": "books"}]) == []


def test_a_rule_that_overlaps_a_stored_one() -> None:
    """What is stored counts too, unless it is changed with it."""
    held = TaxRule(key="de", country="DE", rate=Decimal(19), valid_from=date(2021, 1, 1))
    stored = Catalog(tax_rules={"de": held})
    raised = RULE | {"key": "raised", "rate": "21", "valid_from": "2027-01-01"}
    alone = plan_catalog(Documents(lists={"tax_rules": [raised]}), stored=stored, at=NEW_YEAR)
    assert isinstance(alone, Refused)
    ended = RULE | {"valid_until": "2027-01-01"}
    both = plan_catalog(Documents(lists={"tax_rules": [ended, raised]}), stored=stored, at=NEW_YEAR)
    assert isinstance(both, Done)
    assert [(one.name, one.action) for one in both.value.changes] == [
        ("de", Action.CHANGED), ("raised", Action.CREATED),
    ]  # fmt: skip
    assert both.value.changes[0].fields[0].field == "valid_until"


def test_parties() -> None:
    """An entity with registrations has a country; a number fits its account's country."""
    registered = {
        "tax_registrations": [{"country": "DE", "tax_id": "1", "valid_from": "2021-01-01"}]
    }
    assert problems(legal_entities=[ENTITY | registered]) == ["legal_entities[0].country"]
    for number, country, field in (
        ("DE136695978", "DE", "accounts[0].tax.tax_id"),
        ("DE136695976", "FR", "accounts[0].tax.tax_id"),
        ("???", "US", "accounts[0].tax.tax_id"),
    ):
        declared = ACCOUNT | {"country": country, "tax": {"tax_id": number}}
        assert problems(accounts=[declared]) == [field]


@pytest.mark.parametrize(
    ("number", "country"),
    [
        ("DE 136 695 976", "DE"),
        ("EL 094259216", "GR"),
        ("FR40303265045", "FR"),
        ("GB 980 7806 84", "GB"),
        ("XI980780684", "GB"),
        ("CHE-107.787.577 MWST", "CH"),
        ("CHE107787577", "CH"),
        ("NO 995 525 828 MVA", "NO"),
        ("12-3456789", "US"),
    ],
)
def test_numbers_that_are_well_formed(number: str, country: str) -> None:
    """Numbers as people write them are taken; of other countries any."""
    declared = ACCOUNT | {"country": country, "tax": {"tax_id": number, "business": True}}
    assert problems(accounts=[declared]) == []

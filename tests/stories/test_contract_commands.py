"""Contracts are changed at the command line: add-ons, own prices, fees, amounts by hand, blocks."""

from datetime import UTC, datetime, timedelta
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest
from ruamel.yaml import YAML

from tests.stories.installation import Installation, Story

START = (datetime.now(UTC) - timedelta(days=10)).date().isoformat()
TODAY = datetime.now(UTC).date().isoformat()


def plan(key: str, amount: str, **more: object) -> dict[str, object]:
    """Return a plan by the quarter with a fee in advance."""
    return {
        "key": key,
        "version": 1,
        "name": key,
        "currency": "EUR",
        "interval": "quarter",
        "alignment": "anniversary",
        "proration": "none",
        "prices": [{"key": "base", "model": "flat", "amount": amount, "cadence": "advance"}],
        **more,
    }


CATALOG: dict[str, object] = {
    "legal_entities": [{"key": "main", "name": "Main", "zone": "UTC", "currency": "EUR"}],
    "features": [
        {"key": "users", "kind": "level", "unit": "user"},
        {"key": "sso", "kind": "switch"},
    ],
    "plans": [
        plan("pro", "90.00", entitlements=[{"feature": "users", "limit": "50"}]),
        plan(
            "support",
            "30.00",
            add_on=True,
            entitlements=[{"feature": "users", "limit": "5", "adds": True}],
        ),
    ],
    "accounts": [
        {"key": "acme", "name": "Acme", "zone": "UTC", "currency": "EUR", "invoiced": True}
    ],
    "subscriptions": [
        {
            "key": "acme-pro",
            "account": "acme",
            "plan": "pro",
            "version": 1,
            "legal_entity": "main",
            "start": START,
        }
    ],
}


def write(path: Path, document: object) -> Path:
    """Write a YAML file."""
    with path.open("w") as file:
        YAML(typ="safe", pure=True).dump(document, file)
    return path


@pytest.fixture
def story(installation: Installation, tmp_path: Path, request: pytest.FixtureRequest) -> Story:
    """Lend a workspace with one contract, whose first fee was billed."""
    found = installation.story(request.node.name.replace("_", "-")[:39].strip("-"))
    found.apply(write(tmp_path / "catalog.yaml", CATALOG))
    assert len(found.answer("invoice", "run")["issued"]) == 1
    return found


def change(story: Story, *arguments: str | Path) -> Any:  # noqa: ANN401 - JSON of many shapes
    """Change the contract from today on."""
    return story.answer("subscription", "change", "acme-pro", "--at", TODAY, *arguments)


def billed(story: Story) -> dict[str, Decimal]:
    """Bill what is due and return the money of each line by its description."""
    issued = story.answer("invoice", "run")["issued"]
    documents = [story.get(f"/v1/invoices/{one}").json() for one in issued]
    return {
        line["description"]: Decimal(line["money"])
        for document in documents
        for line in document["lines"]
    }


def test_a_contract_is_changed_by_commands_and_billed_as_they_told(
    story: Story, tmp_path: Path
) -> None:
    """What each command tells is what a billing run issues."""
    told = change(story, "--add-on", "support@1=2")
    assert {fee["price"]: fee["after"] for fee in told["fees"]} == {"support/base": "60.00"}
    change(story, "--fee", "setup=49.90")
    assert billed(story) == {"support/base": Decimal(60), "setup": Decimal("49.9")}

    own = {"key": "base", "model": "flat", "amount": "80.00", "cadence": "advance"}
    priced = ("--price", write(tmp_path / "base.yaml", own))
    at_the_start = ("subscription", "change", "acme-pro", "--at", START)
    story.answer(*at_the_start, *priced)
    assert billed(story) == {"base, corrected": Decimal(-10)}
    story.answer(*at_the_start, "--plan-price", "base")
    assert billed(story) == {"base, corrected": Decimal(10)}

    amount = ("subscription", "amount", "acme-pro", "base", "--at", START, "--reason", "late")
    preview = story.answer(*amount, "--amount", "70", "--preview")
    assert [fee["after"] for fee in preview["fees"]] == ["70.00"]
    assert billed(story) == {}
    story.answer(*amount, "--amount", "70")
    assert billed(story) == {"base, set by hand, corrected": Decimal(-20)}


def test_contracts_of_an_account_are_blocked_and_named_with_what_they_have(
    installation: Installation, tmp_path: Path
) -> None:
    """A block of the account holds back use and changes until the account lifts it."""
    story = installation.story("blocked-account")
    story.apply(write(tmp_path / "catalog.yaml", CATALOG))
    block = ("subscription", "block", "--account", "acme")
    story.answer(*block, "--entitlement", "--change")
    (listed,) = story.answer("subscription", "list")
    assert listed["in_force"] == {"plan": "pro", "version": 1, "usable": False}
    assert story.run("subscription", "pause", "acme-pro").code != 0
    story.answer(*block, "--no-entitlement", "--no-change")
    assert story.run("subscription", "pause", "acme-pro").code == 0
    shown = story.answer("subscription", "show", "acme-pro")
    assert shown["subscription"]["in_force"]["usable"] is True
    assert len(shown["changes"]) == 3


def granted(story: Story, *arguments: str) -> dict[str, tuple[str, list[str]]]:
    """Return what the contract grants of each feature, and from where."""
    found = story.answer("subscription", "entitlements", "acme-pro", *arguments)
    return {
        each["feature"]["key"]: (
            each["text"],
            [f"{one['text']} from {one['layer']}" for one in each["sources"]],
        )
        for each in found
    }


def test_a_contract_grants_what_its_layers_say_and_charges_nothing_for_it(story: Story) -> None:
    """An add-on adds to the plan; what the contract grants itself comes last, and is told first."""
    assert granted(story) == {"users": ("50 user", ["50 from plan pro@1"])}
    told = change(story, "--add-on", "support@1=2", "--preview")
    assert told["features"] == [{"feature": "users", "before": "50 user", "after": "60 user"}]
    change(story, "--add-on", "support@1=2")
    order = ("entitle", "acme-pro", "users=+10", "sso")
    previewed = story.answer("subscription", *order, "--preview")
    agreed = story.answer("subscription", *order)
    assert previewed["features"] == agreed["features"]
    assert agreed["fees"] == []
    assert granted(story) == {
        "sso": ("on", ["on from contract acme-pro"]),
        "users": (
            "70 user",
            [
                "50 from plan pro@1",
                "+ 10 from add-on support@1 x 2",
                "+ 10 from contract acme-pro",
            ],
        ),
    }
    story.answer("subscription", "entitle", "acme-pro", "users=plan", "sso=off")
    assert {key: text for key, (text, _) in granted(story).items()} == {
        "sso": "off",
        "users": "60 user",
    }
    assert granted(story, "--at", "2000-01-01T00:00:00Z") == {}
    assert billed(story) == {"support/base": Decimal(60)}
    shown = story.run("subscription", "entitlements", "acme-pro")
    assert "60 user" in shown.out

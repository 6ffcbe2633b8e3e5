"""
Many contracts move to another version of their plan: previewed, carried out, killed in between.

The command is killed while it runs and run again; after it each contract holds the change once, and
what is billed is what the preview said.
"""

import os
import signal
import subprocess
import sys
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest
from ruamel.yaml import YAML

from tests.stories.installation import Installation, Story
from tests.waiting import wait_until

CONTRACTS = 60
START = (datetime.now(UTC) - timedelta(days=10)).date().isoformat()
TODAY = datetime.now(UTC).date().isoformat()


def catalog(contracts: int) -> dict[str, Any]:
    """Return two versions of a plan by the quarter, and contracts that began with the first."""
    return {
        "legal_entities": [{"key": "main", "name": "Main", "zone": "UTC", "currency": "EUR"}],
        "meters": [{"key": "calls", "event_type": "call", "aggregation": "count", "unit": "call"}],
        "features": [{"key": "users", "kind": "level", "unit": "user"}],
        "plans": [
            {
                "key": "pro",
                "version": version,
                "name": "Pro",
                "currency": "EUR",
                "interval": "quarter",
                "alignment": "anniversary",
                "entitlements": [{"feature": "users", "limit": str(25 * version)}],
                "prices": [
                    {"key": "base", "model": "flat", "amount": amount, "cadence": "advance"},
                    {
                        "key": "calls",
                        "model": "unit",
                        "meter": "calls",
                        "unit_price": "0.01",
                        "allowance": included,
                    },
                ],
            }
            for version, amount, included in ((1, "90.00", "1000"), (2, "120.00", "5000"))
        ],
        "accounts": [
            {"key": f"a{n:03}", "name": "A", "zone": "UTC", "currency": "EUR", "invoiced": True}
            for n in range(contracts)
        ],
        "subscriptions": [
            {
                "key": f"s{n:03}",
                "account": f"a{n:03}",
                "plan": "pro",
                "version": 1,
                "legal_entity": "main",
                "start": START,
            }
            for n in range(contracts)
        ],
    }


def read(path: Path) -> Any:  # noqa: ANN401 - YAML of several shapes
    """Return a YAML file."""
    return YAML(typ="safe", pure=True).load(path.read_text())


def declare(story: Story, folder: Path, contracts: int) -> None:
    """Apply the catalog of contracts and bill their first fees."""
    path = folder / "catalog.yaml"
    with path.open("w") as file:
        YAML(typ="safe", pure=True).dump(catalog(contracts), file)
    story.apply(path)
    assert len(story.answer("invoice", "run")["issued"]) == contracts


def changes(story: Story) -> list[int]:
    """Return how many changes each contract holds."""
    found: list[int] = []
    more: dict[str, str] = {}
    while True:
        page = story.get("/v1/subscriptions", limit="500", **more).json()
        found += [len(each.get("changes", [])) for each in page["items"]]
        more = {"cursor": page.get("next_cursor") or ""}
        if not more["cursor"]:
            return found


@pytest.fixture
def story(installation: Installation, request: pytest.FixtureRequest) -> Story:
    """Lend a workspace for one test."""
    return installation.story(request.node.name.replace("_", "-")[:39].strip("-"))


@pytest.fixture
def moved(story: Story, tmp_path: Path) -> Path:
    """Lend a folder with the plan of a migration of all contracts, from today on."""
    declare(story, tmp_path, CONTRACTS)
    plan = tmp_path / "plan.yaml"
    ran = story.run("plan", "migrate", "pro@1", "pro@2", "--at", TODAY, "-o", plan)
    assert ran.code == 0, ran.err
    return plan


def test_a_migration_is_previewed_killed_resumed_and_billed_as_told(
    story: Story, moved: Path
) -> None:
    """Whatever is killed, each contract changes once, and its documents are the previewed money."""
    plan, log = read(moved), moved.with_name("log.yaml")
    first = plan["contracts"][0]
    assert (first["from"], first["to"]) == (
        {"plan": "pro", "version": 1},
        {"plan": "pro", "version": 2},
    )
    assert [each["after"] for each in first["entitlements"]] == ["5000"]
    users = {"feature": "users", "before": "25 user", "after": "50 user"}
    assert [each["features"] for each in plan["contracts"]] == [[users]] * CONTRACTS
    assert changes(story) == [0] * CONTRACTS

    command = [sys.executable, "-m", "tallystick", "plan", "run", str(moved), "--log", str(log)]
    where = ["--url", story.installation.url, "--key", story.token]
    with subprocess.Popen(
        [*command, *where], env=os.environ | {"PYTHONPATH": os.pathsep.join(sys.path)}
    ) as process:
        wait_until(lambda: sum(changes(story)) >= 5, seconds_max=60, waiting_for="five changes")
        process.send_signal(signal.SIGKILL)
    assert process.returncode == -signal.SIGKILL
    assert 0 < sum(changes(story)) < CONTRACTS
    assert not log.exists()

    ran = story.run("plan", "run", moved, "--log", log)
    assert ran.code == 0, ran.out + ran.err
    assert "was edited" not in ran.err
    assert read(log)["id"] == plan["id"]
    assert changes(story) == [1] * CONTRACTS
    told = read(log)["contracts"]
    assert [each["outcome"] for each in told] == ["migrated"] * CONTRACTS
    assert [each["fees"] for each in told] == [each["fees"] for each in plan["contracts"]]
    assert [each["features"] for each in told] == [[users]] * CONTRACTS
    held = story.get("/v1/subscriptions/s000/entitlements").json()
    assert [each["text"] for each in held] == ["50 user"]

    issued = story.answer("invoice", "run")["issued"]
    documents = [story.get(f"/v1/invoices/{one}").json() for one in issued]
    by_type = {"invoice": Decimal(0), "credit_note": Decimal(0)}
    for document in documents:
        by_type[document["document_type"]] += Decimal(document["total"])
    assert by_type["invoice"] == CONTRACTS * Decimal(first["charge"])
    assert -by_type["credit_note"] == CONTRACTS * Decimal(first["credit"])


def test_a_contract_that_changed_since_the_preview_is_refused(story: Story, tmp_path: Path) -> None:
    """Money moves as previewed or not at all; a contract that was taken out stays as it is."""
    declare(story, tmp_path, 3)
    plan, log = tmp_path / "plan.yaml", tmp_path / "log.yaml"
    assert story.run("plan", "migrate", "pro", "pro@2", "--at", TODAY, "-o", plan).code == 0
    taken_out = read(plan)
    taken_out["contracts"] = taken_out["contracts"][:2]
    with plan.open("w") as file:
        YAML(typ="safe", pure=True).dump(taken_out, file)
    own = {"prices": [{"key": "base", "model": "flat", "amount": "80", "cadence": "advance"}]}
    path = "/v1/subscriptions/s001/changes"
    assert story.post(path, {"at": TODAY, **own}).status_code == 200
    ran = story.run("plan", "run", plan, "--log", log)
    assert ran.code != 0
    told = {each["subscription"]: each for each in read(log)["contracts"]}
    assert {key: each["outcome"] for key, each in told.items()} == {
        "s000": "migrated",
        "s001": "refused",
    }
    assert told["s001"]["problem"]["code"] == "money_changed"
    assert changes(story) == [1, 1, 0]
    assert "was edited" in ran.err
    assert read(log)["id"] != taken_out["id"]
    del taken_out["contracts"][1]
    with plan.open("w") as file:
        YAML(typ="safe", pure=True).dump(taken_out, file)
    assert story.run("plan", "run", plan, "--log", log).code == 0
    assert changes(story) == [1, 1, 0], "what another edition of the file did is not done again"


def test_what_is_exported_applies_as_it_was(story: Story, tmp_path: Path) -> None:
    """Plans of all versions, and the whole catalog, come back from their files unchanged."""
    declare(story, tmp_path, 2)
    definitions, whole = tmp_path / "plan-definitions.yaml", tmp_path / "whole.yaml"
    assert story.run("plan", "export", "-o", definitions).code == 0
    assert story.run("export", "-o", whole).code == 0
    assert [plan["version"] for plan in read(definitions)["plans"]] == [1, 2]
    for file, unchanged in ((definitions, 4), (whole, 9)):
        told = story.answer("diff", "-f", file)
        assert (told["created"], told["changed"], told["unchanged"]) == (0, 0, unchanged)
    listed = story.answer("plan", "list")
    assert [(each["key"], each["version"]) for each in listed] == [("pro", 1), ("pro", 2)]

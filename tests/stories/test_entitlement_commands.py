"""A quota policy is applied and written back, and an account's entitlements are changed by hand."""

from pathlib import Path

import pytest

from tallystick.integrations.catalog_files import source_from_yaml
from tests.stories.installation import Installation, Story, run_command
from tests.stories.test_contract_commands import START, write

QUOTAS = Path(__file__).resolve().parents[2] / "docs" / "quotas"
PARTIES: dict[str, object] = {
    "legal_entities": [{"key": "main", "name": "Main", "zone": "UTC", "currency": "USD"}],
    "accounts": [
        {"key": "acme", "name": "Acme", "zone": "UTC", "currency": "USD", "invoiced": True}
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


@pytest.fixture
def story(installation: Installation, tmp_path: Path, request: pytest.FixtureRequest) -> Story:
    """Lend a workspace in which acme has the plan of the quota policy."""
    found = installation.story(request.node.name.replace("_", "-")[:39].strip("-"))
    found.apply(QUOTAS / "features.yaml")
    found.apply(QUOTAS / "quota-policy.yaml")
    found.apply(write(tmp_path / "parties.yaml", PARTIES))
    return found


def test_a_policy_comes_back_from_the_command_line(story: Story, tmp_path: Path) -> None:
    """What is exported reads as what was applied, in its order, and applies as unchanged."""
    there = tmp_path / "exported.yaml"
    story.run("quota-policy", "export", "pro", "--output", there)
    read = [
        source_from_yaml(path.read_bytes(), file=path.name)[0].body
        for path in (QUOTAS / "quota-policy.yaml", there)
    ]
    assert repr(read[0]) == repr(read[1])
    assert story.run("quota-policy", "export", "pro").out == there.read_text(encoding="utf-8")
    again = story.answer("apply", "-f", there)
    assert (again["created"], again["changed"], again["unchanged"]) == (0, 0, 1)
    assert run_command("quota-policy", "schema").document["title"] == "Quota policy"


def test_entitlements_are_granted_explained_and_restricted(story: Story) -> None:
    """A preview writes nothing; each fact is listed with its id, by which it ends."""
    reason = ("--reason", "goodwill")
    tried = story.answer("entitlement", "grant", "acme", "users=+10", *reason, "--preview")
    assert (tried["id"], tried["features"][0]["after"][:7]) == (None, "60 user")
    grant = story.answer("entitlement", "grant", "acme", "users=+10", *reason)["id"]
    said = story.run("entitlement", "explain", "acme", "users").out
    assert "50 from plan pro@1" in said
    assert f"+ 10 from manual grant {grant}" in said
    held = story.answer("entitlement", "restrict", "acme", "users", "--limit", "20", *reason)["id"]
    listed = story.run("entitlement", "list", "acme").out
    assert grant in listed
    assert held in listed
    story.run("entitlement", "lift", held, *reason)
    story.run("entitlement", "withdraw", grant, *reason)
    users = story.answer("entitlement", "explain", "acme", "users")
    assert (users["limit"], users["restriction"]) == ("50", None)

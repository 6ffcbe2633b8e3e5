"""Triggers are started and feeds read and filled from the command line."""

from pathlib import Path

import msgspec
import pytest

from tests.stories.installation import Installation, Story
from tests.stories.test_contract_commands import write
from tests.stories.test_entitlement_commands import PARTIES, QUOTAS


@pytest.fixture
def story(installation: Installation, tmp_path: Path, request: pytest.FixtureRequest) -> Story:
    """Lend a workspace in which acme has the plan of the quota policy."""
    found = installation.story(request.node.name.replace("_", "-")[:39].strip("-"))
    found.apply(QUOTAS / "features.yaml")
    found.apply(QUOTAS / "quota-policy.yaml")
    found.apply(write(tmp_path / "parties.yaml", PARTIES))
    return found


def test_a_trigger_is_started_once_and_listed(story: Story) -> None:
    """Members are read by name; under the same id it is told what came of it before."""
    odd = ("tenantId=acme", "resourceType=users", "reason=odd", "evidence.seen=4000")
    start = ("trigger", "start", "usage_anomaly_detected", *odd, "restrict=false", "--id", "one")
    first, again = story.answer(*start), story.answer(*start)
    assert (first["data"]["evidence"], first["data"]["restrict"]) == ({"seen": "4000"}, False)
    assert (first["repeated"], again["repeated"]) == (False, True)
    assert [each["id"] for each in story.answer("trigger", "list")] == ["one"]
    assert story.answer("trigger", "list", "--unfinished") == []
    (told,) = story.answer("feed", "show", "analytics")
    assert told["data"]["investigationId"] == first["outcome"]["investigation"]


def test_a_feed_is_filled_from_a_file(story: Story, tmp_path: Path) -> None:
    """Each item is told with what came of it; what stands is shown by its kind."""
    data = {"tenantId": "acme", "resourceType": "users", "limit": "70", "reason": "promised"}
    item = {"specversion": "1.0", "id": "q-1", "source": "crm", "type": "QuotaDefinition"}
    there = tmp_path / "items.json"
    there.write_bytes(msgspec.json.encode([item | {"data": data}]))
    sent = story.answer("feed", "send", "tenant-management", there)
    assert [each["status"] for each in sent["results"]] == ["done"]
    plans = story.answer("feed", "show", "feature-toggles", "PlanFeatures")
    assert "pro" in [each["plan"] for each in plans]
    assert len(story.answer("feed", "list")) == 5

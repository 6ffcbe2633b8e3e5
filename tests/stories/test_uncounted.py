"""Events that count nothing yet: seen with their volume, and counted once the cause is mended."""

from pathlib import Path
from typing import Any

import msgspec
import pytest

from tests.stories.catalog_file import write_catalog
from tests.stories.installation import Installation, Story

JANUARY = ("--start", "2026-01-01T00:00:00Z", "--end", "2026-02-01T00:00:00Z")
METER = {
    "key": "bytes",
    "event_type": "sent",
    "aggregation": "sum",
    "value": "bytes",
    "unit": "byte",
}
ACCOUNT = {"key": "acme", "name": "Acme", "zone": "UTC", "currency": "EUR", "invoiced": True}
RESOURCE = {"key": "vm-1", "account": "acme"}


def sent(event_id: str, **data: object) -> dict[str, Any]:
    """Return an event of the machine."""
    return {
        "specversion": "1.0",
        "id": event_id,
        "source": "host",
        "type": "sent",
        "subject": "vm-1",
        "time": "2026-01-10T00:00:00Z",
        "data": data,
    }


@pytest.fixture(scope="module")
def story(installation: Installation) -> Story:
    """Lend a workspace to which a machine reports before anybody has declared anything."""
    return installation.story("uncounted")


def listed(story: Story, position: int) -> tuple[list[str], list[str]]:
    """Return the reasons of unattributed groups and the texts of unmeterable ones."""
    start = {"start": "2026-01-01T00:00:00Z", "position": str(position)}
    nobodys = story.get("/v1/events/unattributed", **start).json()["items"]
    unread = story.get("/v1/events/unmeterable", **start).json()["items"]
    return (
        [f"{each['reason']} {each['events']}" for each in nobodys],
        [f"{each['text']} {each['events']}" for each in unread],
    )


def counted(story: Story, position: int) -> str:
    """Return what the account used in January."""
    covered = ("--position", str(position), "--account", "acme")
    (item,) = story.answer("usage", "bytes", *JANUARY, *covered)["items"]
    quantity: str = item["quantity"]
    return quantity


def test_each_cause_is_listed_until_it_is_mended(story: Story, tmp_path: Path) -> None:
    """
    Without meter and owner, then without owner, then unreadable, then counted to the last.

    In the end the terminal shows an event of nobody, with an id to trace.
    """
    batch = [sent("a", bytes=1), sent("b", bytes=20), sent("c", bytes="300 B")]
    with story.client() as client:
        taken = client.post(
            "/v1/events",
            content=msgspec.json.encode(batch),
            headers={"content-type": "application/cloudevents-batch+json"},
        ).json()
    position = taken["last_position"]
    assert listed(story, position) == (["unknown_subject 3"], [])
    story.apply(write_catalog(tmp_path, meters=[METER], accounts=[ACCOUNT]))
    assert listed(story, position) == (["unknown_subject 3"], ["300 B 1"])
    assert counted(story, position) == "0"
    more = tmp_path / "more"
    more.mkdir()
    story.answer("apply", "-f", write_catalog(more, resources=[RESOURCE]))
    assert listed(story, position) == ([], ["300 B 1"])
    assert counted(story, position) == "21"
    mended = {"events": [{"event": sent("c", bytes=300)}], "reason": "the unit was in the value"}
    answer = story.post("/v1/events/amend", mended)
    assert answer.is_success, answer.text
    position = answer.json()["last_position"]
    assert listed(story, position) == ([], [])
    assert counted(story, position) == "321"
    see_in_the_terminal(story)


def see_in_the_terminal(story: Story) -> None:
    """Ask for what belongs to nobody, once it is counted among the events."""
    lost = sent("lost", bytes=1) | {"subject": "vm-7"}
    position = story.post("/v1/events", lost).json()["last_position"]
    story.get(
        "/v1/usage",
        meter="bytes",
        start="2026-01-01T00:00:00Z",
        end="2026-02-01T00:00:00Z",
        position=str(position),
    )
    ran = story.run("uncounted", "--start", "2026-01-01T00:00:00Z")
    assert ran.code == 0
    assert [line.split()[:4] for line in ran.out.splitlines() if "vm-7" in line] == [
        ["1", "unknown_subject", "sent", "vm-7"]
    ]
    assert "lost" in ran.out

"""Single events by id: of their workspace alone, without reading all rows."""

import msgspec

from tallystick.app.tracing import EventName
from tallystick.kernel import WorkspaceId
from tallystick.metering import Event
from tallystick.storage.clickhouse import ClickHouseEvents
from tests.clickhouse import UsageStore
from tests.corrections import amend, void
from tests.events import event


def named(stored: list[Event], event_id: str, source: str | None = None) -> EventName:
    """Return the name of an event in the workspace of others."""
    return EventName(workspace=WorkspaceId(stored[0].workspace), id=event_id, source=source)


def test_an_event_is_found_as_it_was_stored(usage_store: UsageStore) -> None:
    """Every field comes back, and a source tells apart events that share an id."""
    twins = [event(1, '{"v":1.10}', id="twin", source=name, sequence="7") for name in ("a", "b")]
    stored = usage_store.put([*twins, event(2, id="other")])
    finder = ClickHouseEvents(usage_store.clickhouse)
    last = stored[-1].position
    assert finder.find(named(stored, "twin"), as_of=last, limit=10) == stored[:2]
    assert finder.find(named(stored, "twin", "b"), as_of=last, limit=10) == stored[1:2]
    assert finder.find(named(stored, "twin"), as_of=last, limit=1) == stored[:1]
    assert finder.find(named(stored, "twin"), as_of=last - 2, limit=10) == stored[:1]
    assert finder.find(named(stored, "nobody"), as_of=last, limit=10) == []


def test_other_workspaces_are_not_searched(usage_store: UsageStore) -> None:
    """An id of another workspace is not found, and a quote in an id is a character like others."""
    mine = usage_store.put([event(1, id="it's")])
    theirs = usage_store.put([event(1, id="theirs")])
    finder = ClickHouseEvents(usage_store.clickhouse)
    last = theirs[-1].position
    assert finder.find(named(mine, "theirs"), as_of=last, limit=10) == []
    assert finder.find(named(mine, "it's"), as_of=last, limit=10) == mine


def test_corrections_are_told_and_what_stands(usage_store: UsageStore) -> None:
    """An amended event is found as amended, a voided one not at all; each correction is listed."""
    first, second, later = event(1, '{"v":1}', id="a"), event(2, id="b"), event(3, '{"v":9}')
    (at_first, at_second, *_) = usage_store.put([first, second])
    position = at_second.position
    rows = [
        amend(at_first, later, position=position + 1),
        void(at_second, position=position + 2),
    ]
    usage_store.put_again(
        [msgspec.structs.replace(row, workspace=at_first.workspace) for row in rows]
    )
    finder = ClickHouseEvents(usage_store.clickhouse)
    stored, last = [at_first], position + 2
    (amended,) = finder.find(named(stored, "a"), as_of=last, limit=10)
    assert (amended.data, amended.position) == ('{"v":9}', position + 1)
    assert finder.find(named(stored, "a"), as_of=position, limit=10) == [at_first]
    assert finder.find(named(stored, "b"), as_of=last, limit=10) == []
    (step,) = finder.corrections(named(stored, "b"), as_of=last, limit=10)
    assert (step.target, step.position, step.amends) == (position, last, False)
    assert (step.actor, step.reason) == ("test", "wrong")
    assert finder.corrections(named(stored, "b"), as_of=position, limit=10) == []

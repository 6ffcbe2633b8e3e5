"""Content is taken out of the projection by a condition; what stays counts as before."""

from dataclasses import replace

import msgspec
import pytest

from tallystick.app.retention import HeldTime, Removal
from tallystick.kernel import MeterKey, WorkspaceId
from tallystick.metering import REMOVED, Event, UsageQuery, held_type
from tallystick.storage.clickhouse import (
    ClickHouseRemoval,
    ClickHouseUsage,
    RollUpComparison,
    RollUps,
    RollUpSizes,
)
from tallystick.storage.clickhouse.noted import CorrectedWorkspaces
from tallystick.storage.clickhouse.rolled import reading_of
from tests.clickhouse import UsageStore, table_of
from tests.corrections import amend
from tests.events import at, event, meter, window

CALLS = meter("count", None)


@pytest.fixture
def rollups(usage_store: UsageStore) -> RollUps:
    """Lend roll-ups of two positions, in twos."""
    return RollUps(usage_store.clickhouse, RollUpSizes(block_events=2, fan=2))


@pytest.fixture
def removal_store(usage_store: UsageStore, rollups: RollUps) -> ClickHouseRemoval:
    """Lend the removal of the session's projection."""
    return ClickHouseRemoval(usage_store.clickhouse, usage_store.projection.corrected, rollups)


def removal_of(stored: list[Event], **rest: object) -> Removal:
    """Return a removal of what was used in the first 100 seconds."""
    made = Removal(
        id="r",
        workspace=WorkspaceId(stored[0].workspace),
        event_type="t",
        before=at(100),
        through=stored[-1].position,
    )
    return replace(made, **rest)  # type: ignore[arg-type] # fields by name


def counted(store: UsageStore, stored: list[Event]) -> int:
    """Return how many events count, told by a reader that reads the notes anew."""
    reader = ClickHouseUsage(store.clickhouse, CorrectedWorkspaces(store.clickhouse))
    query = UsageQuery(
        workspace=WorkspaceId(stored[0].workspace),
        meter=CALLS,
        windows=(window(0, 1_000),),
    )
    (row,) = reader.usage(query)
    (same,) = store.reader.usage(query)
    assert row.fold == same.fold
    return row.fold.events


def test_the_condition_is_kept_to(
    usage_store: UsageStore, removal_store: ClickHouseRemoval
) -> None:
    """Other types, workspaces, later uses and positions, what is held and what is kept all stay."""
    foreign = usage_store.put([event(1)])
    stored = usage_store.put(
        [
            event(1),
            event(2),
            event(3, subject="held"),
            event(4, subject="held"),
            event(99),
            event(100),
            event(5, type="other"),
            event(6),
        ]
    )
    removal = removal_of(
        stored,
        kept=(stored[1].position,),
        held=(HeldTime(subjects=("held",), start=at(4)),),
        through=stored[-2].position,
    )
    assert [each.events for each in removal_store.days(removal)] == [3]
    assert counted(usage_store, stored) == 7
    removal_store.remove(removal, [CALLS])
    removal_store.remove(removal, [CALLS])
    assert removal_store.days(removal) == []
    assert counted(usage_store, stored) == 4
    assert counted(usage_store, foreign) == 1
    first, last = stored[0].position, stored[-1].position
    assert usage_store.projection.count(first, last) == len(stored)


def test_rows_without_content_are_loaded_as_such(usage_store: UsageStore) -> None:
    """What the log holds without content is loaded as a row that counts for nobody."""
    stored = usage_store.put([event(1), event(2, type=held_type(REMOVED, "t"), id="")])
    assert counted(usage_store, stored) == 1


def test_what_was_corrected_stays(
    usage_store: UsageStore, removal_store: ClickHouseRemoval
) -> None:
    """Neither an amended event nor the row that amends it loses its content."""
    stored = usage_store.put([event(1), event(2)])
    row = amend(stored[0], event(5), position=stored[-1].position + 1)
    row = msgspec.structs.replace(row, workspace=stored[0].workspace)
    usage_store.projection.insert(table_of([row]))
    removal = removal_of([*stored, row])
    removal_store.remove(removal, [CALLS])
    assert counted(usage_store, stored) == 1
    found = removal_store.corrected_positions(removal.workspace, as_of=row.position)
    assert found == [stored[0].position]


def test_types_are_found_by_age(usage_store: UsageStore, removal_store: ClickHouseRemoval) -> None:
    """The types used before an instant are named, each once."""
    stored = usage_store.put([event(1), event(2), event(3, type="b"), event(200, type="c")])
    workspace = WorkspaceId(stored[0].workspace)
    found = removal_store.old_types(workspace, as_of=stored[-1].position, before=at(100))
    assert found == ["b", "t"]


def test_what_was_rolled_up_is_made_anew(
    usage_store: UsageStore, removal_store: ClickHouseRemoval, rollups: RollUps
) -> None:
    """No roll-up tells of what is gone; those of other types and of earlier blocks stand."""
    stored = usage_store.put(
        [event(200), event(201), *(event(n) for n in range(4)), event(202), event(1, type="other")]
        + [event(300 + n) for n in range(4)]
    )
    workspace, last = WorkspaceId(stored[0].workspace), stored[-1].position
    others = replace(CALLS, key=MeterKey("others"), event_type="other")
    comparison = RollUpComparison(usage_store.clickhouse, rollups)

    def differing() -> list[int]:
        """Compare from the first event on, however long the log was before it."""
        steps = comparison.steps(workspace, CALLS, through=last)
        passed_over = stored[0].position - 1 - steps.start * rollups.sizes.positions(1)
        assert 0 <= passed_over < rollups.sizes.positions(2)
        found = (comparison.compare(workspace, CALLS, step) for step in steps)
        return [one.block for each in found for one in each]

    for each in (CALLS, others):
        rollups.roll_up(workspace, each, through=last)
    built = {each.key: rollups.blocks(workspace, reading_of(each)) for each in (CALLS, others)}
    assert differing() == []
    removal_store.remove(removal_of(stored), [CALLS, others])
    left = rollups.blocks(workspace, reading_of(CALLS))
    assert 0 < left[0] < built[CALLS.key][0]
    assert rollups.blocks(workspace, reading_of(others)) == built[others.key]
    assert differing() == []
    unused = replace(CALLS, key=MeterKey("unused"), event_type="unused")
    rollups.roll_up(workspace, unused, through=last)
    assert not comparison.steps(workspace, unused, through=last)
    rollups.roll_up(workspace, CALLS, through=last)
    assert rollups.blocks(workspace, reading_of(CALLS)) == built[CALLS.key]
    assert differing() == []

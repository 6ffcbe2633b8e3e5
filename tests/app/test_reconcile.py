"""A difference between the log and what is derived from it is found, told and repaired."""

from collections.abc import Callable, Iterator
from dataclasses import replace
from datetime import date
from pathlib import Path
from typing import Any

import pytest

from tallystick.app.corrections import (
    AmendEvents,
    CloseBackfill,
    EventName,
    OpenBackfill,
    Replacement,
    VoidEvents,
    change_backfill,
    correct_events,
)
from tallystick.app.reconcile import Difference, Scope, Store
from tallystick.app.segments import Segment, record_segments
from tallystick.kernel import Done, MeterKey
from tallystick.storage.clickhouse.schema import (
    BACKFILLS_TARGET,
    CORRECTIONS_TARGET,
    INSERT_TARGET,
    ROLLUPS_TARGET,
)
from tests.clickhouse import UsageStore
from tests.corrected_log import CorrectedLog
from tests.databases import OTHER_WORKSPACE, Database
from tests.ingest.batches import event as wire_event
from tests.reconciling import Reconciling, W

DAY = date(2026, 6, 15)


@pytest.fixture
def reconciling(
    usage_store: UsageStore, database: Database, tmp_path: Path
) -> Iterator[Reconciling]:
    """Lend eight events of two days, rolled up; no damage is left to the tests that follow."""
    made = Reconciling(log=CorrectedLog(usage_store, tmp_path), database=database)
    made.log.send(W, *(_event(str(n), value=f"{n}.50") for n in range(1, 8)))
    made.log.send(OTHER_WORKSPACE, _event("1"))
    made.roll_up()
    yield made
    usage_store.projection.rebuild()


def _event(event_id: str, value: str = "1", **attributes: Any) -> dict[str, Any]:  # noqa: ANN401 - any attribute
    day = 15 if int(event_id) < 5 else 14
    time = f"2026-06-{day}T11:00:00Z"
    return wire_event(event_id, **{"type": "t", "data": {"v": value}, "time": time, **attributes})


def _correct(made: Reconciling) -> None:
    """Void, amend and hold back."""
    void = VoidEvents(events=(EventName(source="test", id="1"),), reason="a test")
    text = (
        '{"specversion":"1.0","source":"test","id":"2","type":"t","subject":"acme",'
        '"time":"2026-06-15T11:00:00Z","data":{"v":9}}'
    )
    amend = AmendEvents(events=(Replacement(event=text),), reason="a test")
    for command in (void, amend):
        done = correct_events(
            command,
            caller=made.log.caller(W),
            uow=made.database.unit(),
            sources=made.log.sources,
        )
        assert isinstance(done, Done), done
    for step in (
        OpenBackfill(name="june", reason="a test"),
        CloseBackfill(name="june", reason="a test"),
    ):
        changed = change_backfill(
            step, caller=made.log.caller(W), uow=made.database.unit(), sources=made.log.sources
        )
        assert isinstance(changed, Done), changed


def _told(differences: tuple[Difference, ...]) -> list[tuple[str, str, str, str]]:
    return [(one.store.value, one.meter or one.about, one.logged, one.held) for one in differences]


def test_what_nobody_touched_does_not_differ(reconciling: Reconciling) -> None:
    """Events, corrections, backfills, roll-ups: a difference of exactly zero."""
    _correct(reconciling)
    reconciling.roll_up()
    found = reconciling.run()
    assert (found.found, found.left, found.position) == (0, 0, 12)
    assert list(reconciling.rolled())
    assert reconciling.patient.done == reconciling.patient.expected > 0


def test_what_is_not_loaded_yet_is_lag(reconciling: Reconciling) -> None:
    """Events behind the position that the projection claims to cover are no difference."""
    reconciling.covered = lambda: 6
    reconciling.clickhouse.remove(INSERT_TARGET, "position > 6", {})
    found = reconciling.run()
    assert (found.found, found.lag_events, found.position) == (0, 2, 6)


def _missing(made: Reconciling) -> None:
    made.clickhouse.remove(INSERT_TARGET, "position IN (2, 8)", {})


def _doubled(made: Reconciling) -> None:
    made.put_again(INSERT_TARGET, "position = 2")


def _changed(made: Reconciling) -> None:
    made.change(INSERT_TARGET, "position = 2", data='{"v":"20.5"}')


def _moved(made: Reconciling) -> None:
    made.change(INSERT_TARGET, "position = 2", workspace="other", type="u")


def _beyond(made: Reconciling) -> None:
    made.change(INSERT_TARGET, "position = 2", position=900)


@pytest.mark.parametrize(
    ("damage", "told"),
    [
        (_missing, [("t", "1", "0"), ("t", "4", "3"), ("m", "12", "9.5"), ("calls", "4", "3")]),
        (_doubled, [("t", "4", "5"), ("m", "12", "14.5"), ("calls", "4", "5")]),
        (_changed, [("t", "4", "4"), ("m", "12", "30")]),
        (_moved, [("u", "0", "1"), ("t", "4", "3"), ("m", "12", "9.5"), ("calls", "4", "3")]),
        (_beyond, [("t", "4", "4")]),
    ],
    ids=["missing", "doubled", "changed", "moved", "beyond"],
)
def test_a_damaged_event_is_found_and_repaired(
    reconciling: Reconciling,
    damage: Callable[[Reconciling], None],
    told: list[tuple[str, str, str]],
) -> None:
    """Told per meter and day, with what log and projection say; repaired, nothing differs."""
    whole = reconciling.rows(INSERT_TARGET).sort_by("position")
    damage(reconciling)
    found = reconciling.run()
    events = tuple(one for one in found.differences if one.store is Store.EVENTS)
    assert [row[1:] for row in _told(events)] == told
    assert {one.day for one in events} == {DAY}
    assert any(one.store is Store.ROLL_UPS for one in found.differences)
    assert found.left == found.found

    repaired = reconciling.run(repair=True)
    assert repaired.found
    assert (repaired.left, reconciling.run().found) == (0, 0)
    assert reconciling.rows(INSERT_TARGET).sort_by("position").equals(whole)
    assert reconciling.log.store.projection.max_position() == 8


def test_a_damaged_correction_is_found_and_repaired(reconciling: Reconciling) -> None:
    """A correction that was lost would let a voided event count again."""
    _correct(reconciling)
    reconciling.clickhouse.remove(CORRECTIONS_TARGET, "position = 9", {})
    reconciling.put_again(CORRECTIONS_TARGET, "position = 10")
    reconciling.change(BACKFILLS_TARGET, "position = 12", fact="reverted")
    found = reconciling.run()
    assert _told(found.differences) == [
        ("backfills", "backfills", "1", "1"),
        ("corrections", "corrections", "2", "2"),
    ]
    assert found.differences[1].faults.missing == found.differences[1].faults.doubled == 1
    assert reconciling.run(repair=True).left == 0
    assert reconciling.run().found == 0


def _roll_up_lost(made: Reconciling) -> None:
    made.clickhouse.remove(ROLLUPS_TARGET, "level = 0 AND block = 1", {})


def _roll_up_changed(made: Reconciling) -> None:
    made.change(ROLLUPS_TARGET, "level = 1", total="77")


def _top_changed(made: Reconciling) -> None:
    made.change(ROLLUPS_TARGET, "level = 2", least="-7")


def _day_changed(made: Reconciling) -> None:
    made.change(ROLLUPS_TARGET, "level = 1 AND daily", total="77")


def _roll_up_of_another(made: Reconciling) -> None:
    made.change(ROLLUPS_TARGET, "level = 0 AND block = 0", subject="nobody")


@pytest.mark.parametrize(
    "damage", [_roll_up_lost, _roll_up_changed, _roll_up_of_another, _top_changed, _day_changed]
)
def test_a_damaged_roll_up_is_found_and_made_anew(
    reconciling: Reconciling, damage: Callable[[Reconciling], None]
) -> None:
    """Each block is compared with the events; what differs is dropped and made again."""
    _correct(reconciling)  # 12 positions: one block of the highest level
    reconciling.roll_up()
    whole = list(reconciling.rolled())
    damage(reconciling)
    found = reconciling.run()
    assert {one.store for one in found.differences} == {Store.ROLL_UPS}
    assert reconciling.run(repair=True).left == 0
    assert reconciling.run().found == 0
    reconciling.roll_up()
    assert list(reconciling.rolled()) == whole
    assert reconciling.run().found == 0


def test_only_what_is_asked_for_is_told_and_repaired(reconciling: Reconciling) -> None:
    """A workspace or days bound the list and the repair."""
    _missing(reconciling)
    mine = Scope(workspace=W)
    assert {one.workspace for one in reconciling.run(mine).differences} == {W}
    earlier = Scope(until=DAY)
    assert reconciling.run(earlier).found == 0
    assert reconciling.run(Scope(workspace=W, since=DAY), repair=True).left == 0
    assert [one.workspace for one in reconciling.run().differences] == [OTHER_WORKSPACE]


def test_a_meter_that_no_event_concerns_is_not_named(reconciling: Reconciling) -> None:
    """A change that no meter reads is told as rows alone."""
    reconciling.change(INSERT_TARGET, "position = 2", sequence="9")
    found = reconciling.run()
    assert [(one.meter, one.faults.changed) for one in found.differences] == [("", 1)]
    assert MeterKey("m") not in {one.meter for one in found.differences}


def test_a_manifest_of_another_log_is_told(reconciling: Reconciling) -> None:
    """PostgreSQL and the log must name the same sealed segments, count and digest."""
    sealed = Segment(first_position=1, last_position=8, count=8, digest="sha256:8")
    reconciling.segments = [sealed]
    assert reconciling.run().found == 0  # not recorded yet
    record_segments([sealed], units=reconciling.database.runner)
    assert reconciling.run().found == 0
    reconciling.segments = [replace(sealed, digest="sha256:9")]
    (told,) = reconciling.run(repair=True).differences
    assert (told.store, told.about, told.repaired) == (Store.MANIFEST, "segment 1", False)
    assert reconciling.run(Scope(workspace=W)).found == 0

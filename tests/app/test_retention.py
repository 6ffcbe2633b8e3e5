"""Rules and holds are audited commands with memory; the gate learns them from memory."""

from dataclasses import replace
from datetime import timedelta

import pytest

from tallystick.app import Caller
from tallystick.app.retention import (
    CachedHorizons,
    PlaceHold,
    ReleaseHold,
    SetRetention,
    place_hold,
    release_hold,
    set_retention,
    show_retention,
)
from tallystick.kernel import Done, Refused
from tallystick.retention import LegalHold, RetentionFloor, RetentionRule
from tests.clock import NEW_YEAR, HandClock
from tests.databases import WORKSPACE, Database

ADMIN = Caller(workspace=WORKSPACE, actor="key:1", scopes=frozenset({"admin"}))
CALLS = SetRetention(event_type="call", days=30)


def placed(database: Database, caller: Caller = ADMIN) -> LegalHold:
    """Place a hold."""
    command = PlaceHold(reason="case 7", event_type="call")
    made = place_hold(command, caller=caller, uow=database.unit(), clock=HandClock())
    assert isinstance(made, Done)
    return made.value


def test_a_rule_takes_the_place_of_the_one_before(database: Database) -> None:
    """Each type has one rule; said again it keeps its age, changed it begins anew, none forgets."""
    clock = HandClock()
    rules = []
    for command in (CALLS, CALLS, replace(CALLS, days=60), replace(CALLS, days=None)):
        made = set_retention(command, caller=ADMIN, uow=database.unit(), clock=clock)
        assert isinstance(made, Done)
        rules.append(made.value)
        clock.forward(days=1)
    first = RetentionRule(event_type="call", days=30, set_at=NEW_YEAR)
    changed = replace(first, days=60, set_at=NEW_YEAR + timedelta(days=2))
    assert rules == [(first,), (first,), (changed,), ()]
    with database.unit() as uow:
        assert uow.audit.waiting() == 4


@pytest.mark.parametrize(
    ("command", "caller", "code"),
    [
        (CALLS, replace(ADMIN, scopes=frozenset({"billing"})), "forbidden"),
        (replace(CALLS, days=-1), ADMIN, "wrong_value"),
        (replace(CALLS, days=36_526), ADMIN, "wrong_value"),
        (replace(CALLS, event_type=""), ADMIN, "wrong_value"),
        (replace(CALLS, event_type="tallystick.event.voided"), ADMIN, "wrong_value"),
    ],
)
def test_a_rule_is_refused(
    database: Database, command: SetRetention, caller: Caller, code: str
) -> None:
    """Who is no admin sets no rule; corrections, impossible types and ages have none."""
    refused = set_retention(command, caller=caller, uow=database.unit(), clock=HandClock())
    assert isinstance(refused, Refused)
    assert [problem.code for problem in refused.problems] == [code]


def test_a_hold_is_placed_once_and_released_once(database: Database) -> None:
    """The same command sent twice is one hold; a second release changes nothing."""
    caller = replace(ADMIN, idempotency_key="k")
    hold = placed(database, caller)
    assert placed(database, caller) == hold
    assert placed(database) != hold
    clock = HandClock()
    clock.forward(days=1)
    order = ReleaseHold(id=hold.id, reason="closed")
    released = release_hold(order, caller=ADMIN, uow=database.unit(), clock=clock)
    clock.forward(days=1)
    again = release_hold(order, caller=ADMIN, uow=database.unit(), clock=clock)
    expected = replace(
        hold,
        released_at=NEW_YEAR + timedelta(days=1),
        released_by="key:1",
        release_reason="closed",
    )
    assert released == again == Done(expected)
    state = show_retention(ADMIN, uow=database.unit())
    assert isinstance(state, Done)
    assert [each.stands for each in state.value.holds].count(True) == 1
    with database.unit() as uow:
        assert uow.audit.waiting() == 3


@pytest.mark.parametrize(
    ("command", "code"),
    [
        (PlaceHold(reason=" "), "wrong_value"),
        (PlaceHold(reason="r", start=NEW_YEAR, end=NEW_YEAR), "wrong_value"),
        (PlaceHold(reason="r", account="nobody"), "unknown_account"),  # type: ignore[arg-type] # a text
    ],
)
def test_a_hold_is_refused(database: Database, command: PlaceHold, code: str) -> None:
    """A hold needs a reason, an account that there is, and a time that is one."""
    refused = place_hold(command, caller=ADMIN, uow=database.unit(), clock=HandClock())
    assert isinstance(refused, Refused)
    assert [problem.code for problem in refused.problems] == [code]


def test_floors_never_move_back(database: Database) -> None:
    """A floor takes the later of what stands and what is said."""
    early = RetentionFloor(
        event_type="call", closed_before=NEW_YEAR, removed_before=NEW_YEAR - timedelta(days=31)
    )
    late = replace(early, closed_before=NEW_YEAR + timedelta(days=5), removed_before=NEW_YEAR)
    with database.unit() as uow:
        uow.retention.save_floors([late])
        uow.retention.save_floors([early])
        assert uow.retention.floors() == (late,)


def test_horizons_are_remembered_for_seconds(database: Database) -> None:
    """The gate's memory of the rules is seconds old at most, or as old as it is told to be."""
    cached = CachedHorizons(database.unit)
    for_ever = cached.look_up(WORKSPACE, NEW_YEAR)
    set_retention(CALLS, caller=ADMIN, uow=database.unit(), clock=HandClock())
    assert cached.known(WORKSPACE, NEW_YEAR) == for_ever
    later = NEW_YEAR + timedelta(seconds=6)
    assert cached.known(WORKSPACE, later) is None
    assert cached.look_up(WORKSPACE, later).of("call") == later - timedelta(days=30)
    cached.forget(WORKSPACE)
    assert cached.known(WORKSPACE, later) is None

"""What concerns the installation goes by the computer's clock, wherever test clocks stand."""

from datetime import UTC, datetime, timedelta

import psycopg
import pytest

from tallystick.app.dead_letters import RejectedEvent, expire_letters
from tallystick.app.outbox import Message
from tallystick.app.workspaces import WorkspaceClocks, WorkspaceTime
from tallystick.kernel import WorkspaceId
from tests.clock import NEW_YEAR, HandClock
from tests.databases import OTHER_WORKSPACE, WORKSPACE, Database

FAR = datetime(2099, 1, 1, tzinfo=UTC)
LONG_AGO = datetime(2001, 1, 1, tzinfo=UTC)


def set_clock(database: Database, at: datetime) -> None:
    """Set the clock of the first test workspace."""
    with database.unit() as uow:
        uow.workspaces.set_time(WorkspaceTime(at=at))
        uow.commit()


def test_message_of_a_far_instant_is_delivered_at_once(database: Database) -> None:
    """What falls due in a test year to come leaves now; elsewhere it waits for its time."""
    set_clock(database, FAR)
    for workspace in (WORKSPACE, OTHER_WORKSPACE):
        with database.unit(workspace) as uow:
            uow.outbox.put(
                Message(workspace=workspace, id="m", topic="t", payload={}, due_at=FAR, trace_id="")
            )
            uow.commit()
    now = datetime.now(UTC) + timedelta(seconds=1)
    with database.runner() as uow:
        claims = uow.claims.claim(now=now, lease_ends_at=now, limit=10)
    assert [claim.message.workspace for claim in claims] == [WORKSPACE]


def test_letters_age_by_the_clock_of_their_receipt(database: Database) -> None:
    """A letter of a test year long ago is kept while that year lasts; elsewhere it is too old."""
    set_clock(database, LONG_AGO)
    for workspace in (WORKSPACE, OTHER_WORKSPACE):
        with database.unit(workspace) as uow:
            uow.dead_letters.append([_letter(workspace)])
            uow.commit()
    assert expire_letters(database.runner, clock=HandClock(datetime.now(UTC))) == 1
    with database.unit() as uow:
        assert len(uow.dead_letters.page(before=None, limit=10)) == 1
    set_clock(database, LONG_AGO + timedelta(days=402))
    assert expire_letters(database.runner, clock=HandClock(datetime.now(UTC))) == 1


def test_each_workspace_is_told_its_own_time(database: Database) -> None:
    """One whose clock is set goes by it, all others by the computer's."""
    hand = HandClock(NEW_YEAR)
    clocks = WorkspaceClocks(database.runner, machine=hand)
    set_clock(database, FAR)
    assert clocks.of(WORKSPACE).now() == FAR
    assert clocks.of(OTHER_WORKSPACE).now() == NEW_YEAR
    assert clocks.of(WorkspaceId("not-yet-created")).now() == NEW_YEAR
    assert clocks.known(OTHER_WORKSPACE) is None


def test_database_lets_no_clock_go_back(database: Database) -> None:
    """Not even for who writes past the program."""
    set_clock(database, FAR)
    with database.connection("tallystick_owner") as owner:
        owner.execute("SELECT set_config('tallystick.workspace', 'test', false)")
        with pytest.raises(psycopg.IntegrityError, match="does not go back"):
            owner.execute("UPDATE workspace SET clock_at = '2001-01-01' WHERE id = 'test'")


def _letter(workspace: WorkspaceId) -> RejectedEvent:
    return RejectedEvent(
        workspace=workspace,
        received_at=LONG_AGO,
        source="s",
        event_id="e",
        type="t",
        code="time_invalid",
        message="",
        path="",
        body=b"{}",
    )

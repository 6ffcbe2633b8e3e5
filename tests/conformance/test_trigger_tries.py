"""A trigger that was broken off is due after its pause, or at once where its process died."""

from datetime import UTC, datetime, timedelta

from tallystick.app.command import Caller
from tallystick.app.triggers import Trigger
from tallystick.kernel import AccountKey
from tests.databases import WORKSPACE, Database

NOW = datetime.now(UTC)
BEFORE, LATER = NOW - timedelta(days=1), NOW + timedelta(days=1)
TRIGGER = Trigger(
    source="crm", id="t-1", kind="payment_failed", data={}, digest="d", received_at=NOW
)
SENDER = Caller(
    workspace=WORKSPACE, actor="key:1", scopes=frozenset({"billing"}), account=AccountKey("acme")
)


def test_a_trigger_is_due_when_nobody_is_at_work_on_it(database: Database) -> None:
    """At work: not due, but to a process that started later; broken off: after its pause."""
    with database.unit() as uow:
        record = uow.triggers.add(TRIGGER)
        assert uow.triggers.due(started=LATER, limit=9) == ()
        uow.triggers.begin(record, SENDER, seconds=60)
        assert uow.triggers.due(started=BEFORE, limit=9) == ()
        (found,) = uow.triggers.due(started=LATER, limit=9)
        assert (found.sender, found.tries) == (SENDER, 1)
        uow.triggers.break_off(record, pauses=(60, 0))
        assert uow.triggers.due(started=BEFORE, limit=9) == ()
        for _ in range(2):
            uow.triggers.begin(record, SENDER, seconds=60)
        uow.triggers.break_off(record, pauses=(60, 0))
        (found,) = uow.triggers.due(started=BEFORE, limit=9)
        assert found.tries == 3
        uow.commit()
    with database.runner() as runner:
        assert runner.trigger_directory.due(started=BEFORE) == (WORKSPACE,)
    with database.unit() as uow:
        uow.triggers.finish(record, {}, at=NOW)
        assert uow.triggers.due(started=LATER, limit=9) == ()

"""
Triggers that broke off go on by themselves, in the name of who sent them.

One is broken off whose workflow raised something, whose process died, or of which nothing was
heard for an hour.  It is begun again after pauses that grow; broken off each time, it has failed,
says so, and goes on when it is sent again.
"""

from collections.abc import Callable
from dataclasses import replace

import structlog

from tallystick.app.command import Caller
from tallystick.app.triggers.ports import GAVE_UP, TriggerRecord
from tallystick.app.triggers.start_trigger import TRIES_MAX, StartTrigger
from tallystick.app.triggers.started import Doors
from tallystick.kernel import Problem

TOGETHER_MAX = 50

_log = structlog.get_logger()


def go_on(
    record: TriggerRecord,
    *,
    doors: Doors,
    start: Callable[[StartTrigger, Caller], object],
) -> None:
    """
    Begin a trigger again that was broken off, or give it up.

    Args:
        record: open, with its sender.
        doors: of its workspace.
        start: takes it as if it had been sent again.
    """
    trigger, sender = record.trigger, record.sender
    if sender is None:
        return
    told = {"source": trigger.source, "id": trigger.id, "kind": trigger.kind, "tries": record.tries}
    if record.tries >= TRIES_MAX:
        message = f"it broke off {record.tries} times; the log says why; send it again to go on"
        with doors.units(sender.workspace) as uow:
            problems = (Problem(code=GAVE_UP, message=message),)
            uow.triggers.refuse(record, problems, at=doors.billing.clock.now())
            uow.commit()
        _log.warning("trigger_given_up", **told)
        return
    _log.info("trigger_goes_on", **told)
    command = StartTrigger(
        source=trigger.source, id=trigger.id, kind=trigger.kind, data=trigger.data
    )
    start(command, replace(sender, trace_id=trigger.trace_id))

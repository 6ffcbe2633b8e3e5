"""
Takes a trigger once and runs its workflow.

The trigger is stored before its first step and its outcome with its last.  Sent again it answers
with that outcome; one that was broken off, or that a step refused, goes on from where it was.  One
that was broken off goes on by itself, too (`going_on`).
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace

import msgspec

from tallystick.app.audit import audit_record
from tallystick.app.command import Caller, missing_scope
from tallystick.app.triggers.asked import Said, kind_of, said
from tallystick.app.triggers.ports import Trigger, TriggerRecord
from tallystick.app.triggers.started import Doors, Ended, Started
from tallystick.app.triggers.workflows import run_workflow
from tallystick.kernel import (
    Done,
    Outcome,
    Refused,
    canonical_json,
    check,
    derived_id,
    digest,
    refuse,
)

SOURCE_MAX = 512
ID_MAX = 256
RUN_SECONDS = 3_600
"""A workflow of which nothing is heard for so long is taken for broken off."""
PAUSES_SECONDS = (5, 30, 120, 600, 1_800)
"""How long it rests after each try that broke off; the one after the last is the last."""
TRIES_MAX = len(PAUSES_SECONDS) + 1


@dataclass(frozen=True, slots=True, kw_only=True)
class StartTrigger:
    """
    Start a workflow.

    Attributes:
        source, id: the identity of the trigger in its workspace.
        kind: which workflow, as `Kind` names them.
        data: what its kind says.
    """

    source: str
    id: str
    kind: str
    data: Mapping[str, object]


@dataclass(frozen=True, slots=True, kw_only=True)
class TriggerTaken:
    """A trigger whose workflow ended; ``repeated``: it had ended before."""

    record: TriggerRecord
    repeated: bool


def start_trigger(command: StartTrigger, *, caller: Caller, doors: Doors) -> Outcome[TriggerTaken]:
    """
    Run the workflow of a trigger, once.

    Problems:
        unknown_trigger, wrong_value: it is none, or does not say what it must.
        forbidden: the caller lacks the scope of its kind.
        trigger_conflict: another one was sent under this identity.
        Those of its workflow: nothing more is done then, and it may be sent again.
    """
    asked = _asked(command, caller)
    if isinstance(asked, Refused):
        return asked
    content = asked.value
    known = replace(command, data=msgspec.to_builtins(content))
    return run_once(
        known, lambda started: run_workflow(started, content), caller=caller, doors=doors
    )


def run_once(
    command: StartTrigger,
    run: Callable[[Started], Outcome[Ended]],
    *,
    caller: Caller,
    doors: Doors,
) -> Outcome[TriggerTaken]:
    """
    Run what a command starts, unless it has ended before; its data are those of its kind.

    Problems:
        wrong_value: source or id is empty or too long.
        trigger_conflict: another one was sent under this identity.
        Those of what is run.
    """
    record = _kept(command, caller=caller, doors=doors)
    if isinstance(record, Refused):
        return record
    if record.value.outcome is not None:
        return Done(TriggerTaken(record=record.value, repeated=True))
    started = Started(trigger=record.value.trigger, caller=caller, doors=doors)
    try:
        outcome = run(started)
    except Exception:
        with started.unit() as uow:
            uow.triggers.break_off(record.value, pauses=PAUSES_SECONDS)
            uow.commit()
        raise
    if isinstance(outcome, Refused):
        with started.unit() as uow:
            uow.triggers.refuse(record.value, outcome.problems, at=started.at)
            uow.commit()
        return outcome
    return Done(_finished(record.value, outcome.value, command=command, started=started))


def _asked(command: StartTrigger, caller: Caller) -> Outcome[Said]:
    kind = kind_of(command.kind)
    if isinstance(kind, Refused):
        return kind
    unpermitted = missing_scope(caller, kind.value.scope)
    if unpermitted is not None:
        return Refused((unpermitted,))
    return said(kind.value, command.data)


def _kept(command: StartTrigger, *, caller: Caller, doors: Doors) -> Outcome[TriggerRecord]:
    """Store a trigger, or find what stands under its identity."""
    if not (0 < len(command.source) <= SOURCE_MAX and 0 < len(command.id) <= ID_MAX):
        message = f"a source has 1 to {SOURCE_MAX} characters, an id 1 to {ID_MAX}"
        return refuse("wrong_value", message, "id")
    trigger = Trigger(
        source=command.source,
        id=command.id,
        kind=command.kind,
        data=command.data,
        digest=digest(canonical_json({"kind": command.kind, "data": command.data})),
        received_at=doors.billing.clock.now(),
        trace_id=caller.trace_id,
    )
    with doors.units(caller.workspace) as uow:
        record = uow.triggers.add(trigger)
        is_same = record.trigger.digest == trigger.digest
        if is_same and record.outcome is None:
            uow.triggers.begin(record, caller, seconds=RUN_SECONDS)
        uow.commit()
    if not is_same:
        message = "another trigger was sent under this source and id; send this one under a new id"
        return refuse("trigger_conflict", message, "id")
    return Done(record)


def _finished(
    record: TriggerRecord, ended: Ended, *, command: StartTrigger, started: Started
) -> TriggerTaken:
    """Store the outcome with what is done at the end; who ended it first has the last word."""
    trigger, at = record.trigger, started.at
    with started.unit() as uow:
        is_first = uow.triggers.finish(record, ended.told, at=at)
        if is_first:
            ended.close(uow)
            subject = f"trigger:{derived_id('trigger', trigger.source, trigger.id)}"
            details = {"kind": trigger.kind, "source": trigger.source, "id": trigger.id}
            uow.audit.append(
                audit_record(started.caller, command, subject=subject, at=at, details=details)
            )
        found = uow.triggers.load(trigger.source, trigger.id)
        uow.commit()
    check(found is not None, "a trigger that was stored stays")
    return TriggerTaken(record=found or record, repeated=not is_first)

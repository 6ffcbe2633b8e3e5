"""Triggers over the wire."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import Any

import msgspec

from tallystick.api.problems import FieldProblem
from tallystick.app.triggers import TriggerRecord, TriggerTaken
from tallystick.kernel import Outcome, Problem, Refused

CONFLICT = "trigger_conflict"


class TriggerItem(msgspec.Struct, frozen=True, kw_only=True):
    """
    A trigger and what came of it: `open`, `refused` or `failed` with `problems`, or `done`.

    `open` is at work, or broke off and goes on by itself. What is refused, or failed because it
    broke off each time, goes on when it is sent again. `tries` is how often it was begun.
    """

    number: int
    source: str
    id: str
    kind: str
    data: Mapping[str, Any]
    state: str
    outcome: Mapping[str, Any] | None
    problems: tuple[FieldProblem, ...]
    received_at: datetime
    decided_at: datetime | None
    tries: int
    trace_id: str


class TriggerAnswer(TriggerItem, frozen=True, kw_only=True):
    """A trigger that is done; `repeated`: it was done before, and nothing was done now."""

    repeated: bool


class TriggersPage(msgspec.Struct, frozen=True, kw_only=True):
    """Triggers, the latest first; `next_before` is asked for the next page, null at the end."""

    items: tuple[TriggerItem, ...]
    next_before: int | None


class TriggerResult(msgspec.Struct, frozen=True, kw_only=True):
    """
    What came of one event of a request.

    `done` now, `repeated` (it was done before), `refused` by a step, `conflict` with another one
    under its source and id, or `rejected`: it is no trigger.
    """

    source: str
    id: str
    status: str
    outcome: Mapping[str, Any] | None = None
    problems: tuple[FieldProblem, ...] = ()


class TriggersAnswer(msgspec.Struct, frozen=True, kw_only=True):
    """What came of each event of a request, in its order."""

    results: tuple[TriggerResult, ...]


def wire_from_record(record: TriggerRecord) -> TriggerItem:
    """Return a trigger as it goes over the wire."""
    return TriggerItem(**_members(record))


def wire_from_taken(taken: TriggerTaken) -> TriggerAnswer:
    """Return a trigger that is done."""
    return TriggerAnswer(**_members(taken.record), repeated=taken.repeated)


def result_of(source: str, id: str, outcome: Outcome[TriggerTaken]) -> TriggerResult:
    """Return what came of one event."""
    if isinstance(outcome, Refused):
        is_conflict = outcome.problems[0].code == CONFLICT
        status = "conflict" if is_conflict else "refused"
        return TriggerResult(source=source, id=id, status=status, problems=_problems(outcome))
    taken = outcome.value
    status = "repeated" if taken.repeated else "done"
    return TriggerResult(source=source, id=id, status=status, outcome=taken.record.outcome)


def rejected(source: str, id: str, refused: Refused) -> TriggerResult:
    """Return what is said of an event that is no trigger."""
    return TriggerResult(source=source, id=id, status="rejected", problems=_problems(refused))


def _members(record: TriggerRecord) -> dict[str, Any]:
    trigger = record.trigger
    return {
        "number": record.number,
        "source": trigger.source,
        "id": trigger.id,
        "kind": trigger.kind,
        "data": trigger.data,
        "state": record.state.value,
        "outcome": record.outcome,
        "problems": tuple(map(_problem, record.problems)),
        "received_at": trigger.received_at,
        "decided_at": record.decided_at,
        "tries": record.tries,
        "trace_id": trigger.trace_id,
    }


def _problems(refused: Refused) -> tuple[FieldProblem, ...]:
    return tuple(map(_problem, refused.problems))


def _problem(problem: Problem) -> FieldProblem:
    return FieldProblem(code=problem.code, message=problem.message, path=problem.field)

"""Triggers: what others say has happened, each remembered with what came of it."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import Protocol

from tallystick.app.command import Caller
from tallystick.kernel import Problem, WorkspaceId

GAVE_UP = "gave_up"
"""The code of a trigger that broke off each time."""


class TriggerState(StrEnum):
    """Begun and not ended, refused by a step, broken off for good, or done."""

    OPEN = "open"
    REFUSED = "refused"
    FAILED = "failed"
    DONE = "done"


@dataclass(frozen=True, slots=True, kw_only=True)
class Trigger:
    """
    What somebody outside says has happened.

    Attributes:
        source, id: its identity in a workspace.
        kind: which workflow it starts.
        data: what it says, with all members.
        digest: of kind and data; another one under the same identity is a conflict.
        trace_id: of the request that brought it first; what it leads to has the same.
    """

    source: str
    id: str
    kind: str
    data: Mapping[str, object]
    digest: str
    received_at: datetime
    trace_id: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class TriggerRecord:
    """
    A trigger, its place among all, and what came of it.

    Attributes:
        outcome: what was done; None while its workflow has not ended.
        problems: why a step was refused, the last time that it was tried.
        decided_at: when that was.
        sender: who sent it last, by whom it goes on; None: it was sent before that was kept.
        tries: how often its workflow was begun since it was sent first, or refused last.
    """

    number: int
    trigger: Trigger
    outcome: Mapping[str, object] | None = None
    problems: tuple[Problem, ...] = ()
    decided_at: datetime | None = None
    sender: Caller | None = None
    tries: int = 0

    @property
    def state(self) -> TriggerState:
        """Return how far it is; what is not done goes on when it is sent again."""
        if self.outcome is not None:
            return TriggerState.DONE
        if not self.problems:
            return TriggerState.OPEN
        is_failed = self.problems[0].code == GAVE_UP
        return TriggerState.FAILED if is_failed else TriggerState.REFUSED


class TriggerStore(Protocol):
    """The triggers of one workspace."""

    def add(self, trigger: Trigger) -> TriggerRecord:
        """
        Keep a trigger; return what stands under its identity, which may be an earlier one.

        One that was refused gives way to other content: it had no outcome.
        """
        ...

    def load(self, source: str, id: str) -> TriggerRecord | None:
        """Return a trigger."""
        ...

    def begin(self, record: TriggerRecord, sender: Caller, *, seconds: int) -> None:
        """Note that a trigger's workflow begins, and is at work for so long if nothing is heard."""
        ...

    def break_off(self, record: TriggerRecord, *, pauses: Sequence[int]) -> None:
        """Note that a workflow broke off, and is due after the pause of its number of tries."""
        ...

    def due(self, *, started: datetime, limit: int) -> tuple[TriggerRecord, ...]:
        """Return open triggers that are due, or that began before who runs them had started."""
        ...

    def finish(self, record: TriggerRecord, outcome: Mapping[str, object], *, at: datetime) -> bool:
        """Keep what came of a trigger; False: that is known, or it says something else by now."""
        ...

    def refuse(self, record: TriggerRecord, problems: Sequence[Problem], *, at: datetime) -> None:
        """Keep why a step was refused, unless the trigger is done or says something else."""
        ...

    def page(
        self, *, before: int | None, limit: int, kind: str | None = None
    ) -> tuple[TriggerRecord, ...]:
        """Return triggers, the latest first, those with a lower number."""
        ...


class TriggerDirectory(Protocol):
    """Which workspaces have triggers that broke off, for background work."""

    def due(self, *, started: datetime) -> tuple[WorkspaceId, ...]:
        """Return the workspaces of triggers that are due, as `TriggerStore.due` has them."""
        ...

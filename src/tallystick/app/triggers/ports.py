"""Triggers: what others say has happened, each remembered with what came of it."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import Protocol

from tallystick.kernel import Problem


class TriggerState(StrEnum):
    """Begun and not ended, refused by a step, or done."""

    OPEN = "open"
    REFUSED = "refused"
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
    """

    number: int
    trigger: Trigger
    outcome: Mapping[str, object] | None = None
    problems: tuple[Problem, ...] = ()
    decided_at: datetime | None = None

    @property
    def state(self) -> TriggerState:
        """Return how far it is; what is not done goes on when it is sent again."""
        if self.outcome is not None:
            return TriggerState.DONE
        return TriggerState.REFUSED if self.problems else TriggerState.OPEN


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

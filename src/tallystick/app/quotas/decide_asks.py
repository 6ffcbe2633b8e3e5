"""Decisions for whoever serves them: combined, by the workspace's clock, and without the store."""

import time
from collections.abc import Callable, Sequence
from datetime import datetime

from tallystick.app.quotas.answering import answer_asks
from tallystick.app.quotas.asks import Ask, Decided, Decision, Traced
from tallystick.app.quotas.carrying import Submit
from tallystick.app.quotas.combining import Combiner
from tallystick.app.quotas.degraded import Degraded, answer_degraded
from tallystick.app.quotas.desk import Desks
from tallystick.app.quotas.standing_rows import LimitsChanged
from tallystick.app.unit_of_work import UnitOfWork
from tallystick.app.workspaces import WorkspaceClocks
from tallystick.kernel import EngineBusy, EngineUnavailable, WorkspaceId

AWAY_SECONDS = 2.0
"""For how long decisions do without a store that could not be reached."""


class Quotas:
    """Takes asks from event loops and decides them in a thread of its own."""

    def __init__(
        self,
        *,
        units: Callable[[WorkspaceId], UnitOfWork],
        clocks: WorkspaceClocks,
        desks: Desks,
        submit: Submit,
        decided: Callable[[WorkspaceId], None] = lambda _workspace: None,
    ) -> None:
        """Take units of work, clocks, desks, the way into the log, and whom to tell of uses."""
        self.desks = desks
        self._degraded = Degraded(known=desks.recount.known, submit=submit)
        self._submit = submit
        self._open_to: set[WorkspaceId] = set()
        self._away_until = 0.0
        self._units = units
        self._clocks = clocks
        self._decided = decided
        self._combiner = Combiner(self._answer)

    def start(self) -> None:
        """Begin to decide."""
        self._combiner.start()

    def close(self) -> None:
        """Decide what waits, and stop."""
        self._combiner.close()

    async def ask(
        self, workspace: WorkspaceId, asks: Sequence[Ask], *, trace_id: str = ""
    ) -> Decided:
        """
        Return the decisions on asks of one workspace, in their order; durable when they return.

        Raises:
            Overloaded: too many wait; nothing took effect.
            EngineUnavailable: a store is away; nothing took effect.
        """
        return await self._combiner.ask(workspace, [Traced(ask, trace_id) for ask in asks])

    def _answer(self, workspace: WorkspaceId, asks: Sequence[Traced]) -> Decided:
        at = self._clocks.now(workspace)
        try:
            made = self._counted(workspace, asks, at)
        except EngineBusy:
            raise
        except EngineUnavailable:
            only = [traced.ask for traced in asks]
            made = answer_degraded(only, workspace=workspace, at=at, degraded=self._degraded)
        self._decided(workspace)
        return Decided(decisions=made, at=at)

    def _counted(
        self, workspace: WorkspaceId, asks: Sequence[Traced], at: datetime
    ) -> list[Decision]:
        """Decide with the store; where it was away a moment ago it is not waited for again."""
        if time.monotonic() < self._away_until:
            raise EngineUnavailable("the store of counters was away a moment ago")
        try:
            self._open_the_log(workspace)
            return self._decided_by_limits(workspace, asks, at)
        except EngineBusy:
            raise
        except EngineUnavailable:
            self._away_until = time.monotonic() + AWAY_SECONDS
            raise

    def _decided_by_limits(
        self, workspace: WorkspaceId, asks: Sequence[Traced], at: datetime
    ) -> list[Decision]:
        """Decide; where a limit changes at that moment, once more by what it is then."""
        try:
            return answer_asks(asks, at=at, uow=self._units(workspace), desks=self.desks)
        except LimitsChanged:
            return answer_asks(asks, at=at, uow=self._units(workspace), desks=self.desks)

    def _open_the_log(self, workspace: WorkspaceId) -> None:
        """Let the way into the log learn what it asks the store for, while that answers."""
        if workspace not in self._open_to:
            self._submit(workspace, ())
            self._open_to.add(workspace)

"""Decisions for whoever serves them: combined, by the workspace's clock, and without the store."""

from collections.abc import Callable, Sequence

from tallystick.app.quotas.answer_asks import answer_asks
from tallystick.app.quotas.asks import Ask, Decided, Traced
from tallystick.app.quotas.combining import Combiner
from tallystick.app.quotas.desk import Desks
from tallystick.app.unit_of_work import UnitOfWork
from tallystick.app.workspaces import WorkspaceClocks
from tallystick.kernel import WorkspaceId


class Quotas:
    """Takes asks from event loops and decides them in a thread of its own."""

    def __init__(
        self,
        *,
        units: Callable[[WorkspaceId], UnitOfWork],
        clocks: WorkspaceClocks,
        desks: Desks,
        decided: Callable[[WorkspaceId], None] = lambda _workspace: None,
    ) -> None:
        """Take units of work, clocks, desks, and whom to tell that a workspace decided."""
        self.desks = desks
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
        made = answer_asks(asks, at=at, uow=self._units(workspace), desks=self.desks)
        self._decided(workspace)
        return Decided(decisions=made, at=at)

"""
The clock of each workspace: this computer's for live ones, their own for test ones.

    workspace    kind    clock set to            now
    live         live    (never)                 this computer's instant
    trial        test    2024-02-29T12:00:00Z    2024-02-29T12:00:00Z, until it is advanced
    sandbox      test    not yet                 this computer's instant

Whatever asks for "now" about a workspace's business asks the clock of that workspace: receipt of
events, dates of issue, previews, changes of contracts, the audit. What concerns the installation
goes by this computer's clock in every workspace: validity of keys and sessions, secrets of
webhooks, sealing of the audit's chain, retries of the outbox, how long a look-up is remembered.
"""

from collections.abc import Callable
from datetime import datetime

from tallystick.app.clock import Clock
from tallystick.app.unit_of_work import RunnerUnitOfWork
from tallystick.app.workspaces.ports import WorkspaceKind
from tallystick.kernel import WorkspaceId


class WorkspaceClocks:
    """
    Finds the clock of a workspace; may be asked from several threads.

    A clock is read from the store whenever it is asked, on a connection of background work, so
    that who asks may hold a unit of work of the workspace.  Of live workspaces it is remembered
    that they are, since a workspace never changes its kind.
    """

    def __init__(self, runner: Callable[[], RunnerUnitOfWork], *, machine: Clock) -> None:
        self.machine = machine
        self._runner = runner
        self._live: set[str] = set()

    def known(self, workspace: str) -> Clock | None:
        """Return this computer's clock for a workspace known to be live, without asking a store."""
        return self.machine if workspace in self._live else None

    def of(self, workspace: str) -> Clock:
        """Return the clock of a workspace; asked for "now", it may wait for the store."""
        return self.known(workspace) or _OwnClock(self, workspace)

    def now(self, workspace: str) -> datetime:
        """
        Return the present instant of a workspace.

        Raises:
            EngineUnavailable: the store does not answer.
        """
        if workspace in self._live:
            return self.machine.now()
        with self._runner() as uow:
            found = uow.directory.find(WorkspaceId(workspace))
        if found is not None and found.kind is WorkspaceKind.LIVE:
            self._live.add(workspace)
        own = None if found is None else found.time
        return self.machine.now() if own is None else own.at


class _OwnClock:
    """The clock of one workspace."""

    def __init__(self, clocks: WorkspaceClocks, workspace: str) -> None:
        self._clocks = clocks
        self._workspace = workspace

    def now(self) -> datetime:
        """Return the present instant of the workspace."""
        return self._clocks.now(self._workspace)

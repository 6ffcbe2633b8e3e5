"""Recognizes deferred revenue in all workspaces, once its months are over."""

from collections.abc import Callable
from dataclasses import dataclass

from tallystick.app.command import Caller
from tallystick.app.ledger import RecognizeRevenue, recognize_revenue
from tallystick.app.unit_of_work import RunnerUnitOfWork, UnitOfWork
from tallystick.app.workspaces import WorkspaceClocks
from tallystick.bootstrap.engines import every_workspace
from tallystick.kernel import Refused, WorkspaceId
from tallystick.worker.repeat import Say


@dataclass(frozen=True, slots=True, kw_only=True)
class DueRecognition:
    """
    Books what is due, workspace after workspace.

    Attributes:
        units: opens a unit of work in a workspace.
        runner: opens one across workspaces.
        clocks: of the workspaces; they say which months are over.
        say: tells what was booked.
    """

    units: Callable[[WorkspaceId], UnitOfWork]
    runner: Callable[[], RunnerUnitOfWork]
    clocks: WorkspaceClocks
    say: Say

    def run(self) -> bool:
        """Recognize everything that is due now; there is never more at once."""
        for workspace in every_workspace(self.runner):
            caller = Caller(workspace=workspace, actor="worker", scopes=frozenset({"billing"}))
            done = recognize_revenue(
                RecognizeRevenue(),
                caller=caller,
                uow=self.units(workspace),
                clock=self.clocks.of(workspace),
            )
            if isinstance(done, Refused):
                self.say("recognition refused", {"workspace": workspace, "why": str(done)})
            elif done.value:
                entries = [posted.entry.id for posted in done.value]
                self.say("recognized", {"workspace": workspace, "entries": entries})
        return False

"""Books credit that has expired, in all workspaces."""

from collections.abc import Callable
from dataclasses import dataclass

from tallystick.app.command import Caller
from tallystick.app.credits import SettleCredit, settle_credit
from tallystick.app.unit_of_work import RunnerUnitOfWork, UnitOfWork
from tallystick.app.workspaces import WorkspaceClocks
from tallystick.bootstrap.engines import every_workspace
from tallystick.kernel import Refused, WorkspaceId
from tallystick.worker.repeat import Say


@dataclass(frozen=True, slots=True, kw_only=True)
class DueSettling:
    """
    Books what has lapsed, workspace after workspace.

    Attributes:
        units: opens a unit of work in a workspace.
        runner: opens one across workspaces.
        clocks: of the workspaces; they say what has expired.
        say: tells what was booked.
    """

    units: Callable[[WorkspaceId], UnitOfWork]
    runner: Callable[[], RunnerUnitOfWork]
    clocks: WorkspaceClocks
    say: Say

    def run(self) -> bool:
        """Book everything that has lapsed by now; there is never more at once."""
        for workspace in every_workspace(self.runner):
            caller = Caller(workspace=workspace, actor="worker", scopes=frozenset({"billing"}))
            done = settle_credit(
                SettleCredit(),
                caller=caller,
                uow=self.units(workspace),
                clock=self.clocks.of(workspace),
            )
            if isinstance(done, Refused):
                self.say("credit refused", {"workspace": workspace, "why": str(done)})
            elif done.value:
                self.say("credit lapsed", {"workspace": workspace, "entries": list(done.value)})
        return False

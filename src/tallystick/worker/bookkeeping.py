"""Books what has become due in all workspaces: revenue that was earned, credit that has lapsed."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import TypeAlias

from tallystick.app.clock import Clock
from tallystick.app.command import Caller
from tallystick.app.credits import SettleCredit, settle_credit
from tallystick.app.ledger import RecognizeRevenue, recognize_revenue
from tallystick.app.unit_of_work import RunnerUnitOfWork, UnitOfWork
from tallystick.app.workspaces import WorkspaceClocks
from tallystick.bootstrap.engines import every_workspace
from tallystick.kernel import Done, Outcome, Refused, WorkspaceId
from tallystick.worker.repeat import Say

Book: TypeAlias = Callable[[Caller, UnitOfWork, Clock], Outcome[Sequence[str]]]
"""Books what is due in one workspace, and returns the ids of the entries."""


@dataclass(frozen=True, slots=True, kw_only=True)
class DueBookings:
    """
    Books what is due, workspace after workspace.

    Attributes:
        units: opens a unit of work in a workspace.
        runner: opens one across workspaces.
        clocks: of the workspaces; they say what is due.
        say: tells what was booked.
    """

    units: Callable[[WorkspaceId], UnitOfWork]
    runner: Callable[[], RunnerUnitOfWork]
    clocks: WorkspaceClocks
    say: Say

    def recognize(self) -> bool:
        """Book revenue whose months are over; there is never more at once."""
        return self._book(recognized_entries, booked="recognized", refused="recognition refused")

    def settle(self) -> bool:
        """Book credit that has lapsed; there is never more at once."""
        return self._book(lapsed_entries, booked="credit lapsed", refused="credit refused")

    def _book(self, book: Book, *, booked: str, refused: str) -> bool:
        for workspace in every_workspace(self.runner):
            caller = Caller(workspace=workspace, actor="worker", scopes=frozenset({"billing"}))
            done = book(caller, self.units(workspace), self.clocks.of(workspace))
            if isinstance(done, Refused):
                self.say(refused, {"workspace": workspace, "why": str(done)})
            elif done.value:
                self.say(booked, {"workspace": workspace, "entries": list(done.value)})
        return False


def recognized_entries(caller: Caller, uow: UnitOfWork, clock: Clock) -> Outcome[Sequence[str]]:
    """Recognize revenue, as `recognize_revenue` does."""
    done = recognize_revenue(RecognizeRevenue(), caller=caller, uow=uow, clock=clock)
    if isinstance(done, Refused):
        return done
    return Done([posted.entry.id for posted in done.value])


def lapsed_entries(caller: Caller, uow: UnitOfWork, clock: Clock) -> Outcome[Sequence[str]]:
    """Settle credit, as `settle_credit` does."""
    return settle_credit(SettleCredit(), caller=caller, uow=uow, clock=clock)

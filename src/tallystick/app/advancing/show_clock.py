"""Shows where the clock of a workspace stands."""

from dataclasses import dataclass
from datetime import datetime

from tallystick.app.clock import Clock
from tallystick.app.command import Caller, missing_scope
from tallystick.app.unit_of_work import UnitOfWork
from tallystick.app.workspaces import Workspace, WorkspaceKind
from tallystick.kernel import Done, Outcome, Refused, refuse


@dataclass(frozen=True, slots=True, kw_only=True)
class ClockStanding:
    """
    Where a clock stands.

    Attributes:
        is_set: whether the workspace goes by a clock of its own.
        target: where an advance is going that has not ended; None: none is under way.
    """

    kind: WorkspaceKind
    now: datetime
    is_set: bool
    target: datetime | None


def show_clock(caller: Caller, *, uow: UnitOfWork, clock: Clock) -> Outcome[ClockStanding]:
    """
    Return where the clock of the caller's workspace stands.

    Problems:
        forbidden: the caller lacks the scope ``read``.
        unknown_workspace: it was not created.
    """
    unpermitted = missing_scope(caller, "read")
    if unpermitted is not None:
        return Refused((unpermitted,))
    with uow:
        found = standing(uow)
    if isinstance(found, Refused):
        return found
    own = found.value.time
    return Done(
        ClockStanding(
            kind=found.value.kind,
            now=clock.now() if own is None else own.at,
            is_set=own is not None,
            target=None if own is None else own.target,
        )
    )


def standing(uow: UnitOfWork) -> Outcome[Workspace]:
    """
    Return the workspace of a unit of work that is open.

    Problems:
        unknown_workspace: it was not created.
    """
    found = uow.workspaces.current()
    if found is None:
        return refuse("unknown_workspace", f"there is no workspace {uow.workspace}", "workspace")
    return Done(found)

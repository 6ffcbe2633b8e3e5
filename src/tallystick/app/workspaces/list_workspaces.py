"""Lists the workspaces of an installation."""

from tallystick.app.command import Caller, not_operator
from tallystick.app.unit_of_work import RunnerUnitOfWork
from tallystick.app.workspaces.ports import Workspace
from tallystick.kernel import Done, Outcome, Refused


def list_workspaces(
    caller: Caller, *, uow: RunnerUnitOfWork, after: str, limit: int
) -> Outcome[list[Workspace]]:
    """
    Return workspaces by id, those behind ``after``.

    Problems:
        forbidden: the caller is not the operator of the installation.
    """
    unpermitted = not_operator(caller)
    if unpermitted is not None:
        return Refused((unpermitted,))
    with uow:
        return Done(uow.directory.page(after=after, limit=limit))

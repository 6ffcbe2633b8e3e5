"""Creates a workspace."""

import re
from dataclasses import dataclass
from datetime import datetime

from tallystick.app.audit import audit_record
from tallystick.app.clock import Clock
from tallystick.app.command import Caller, missing_scope
from tallystick.app.unit_of_work import UnitOfWork
from tallystick.app.workspaces.ports import Workspace, WorkspaceKind, WorkspaceTime
from tallystick.kernel import Done, InvariantBroken, Outcome, Refused, refuse

_ID = re.compile(r"[a-z0-9][a-z0-9-]{0,38}")


@dataclass(frozen=True, slots=True, kw_only=True)
class CreateWorkspace:
    """
    Create the workspace in whose name the caller acts.

    Attributes:
        clock_at: where the clock of a test workspace stands at first; None: it goes by the
            computer's until it is advanced.
    """

    kind: WorkspaceKind
    name: str
    clock_at: datetime | None = None


def create_workspace(
    command: CreateWorkspace, *, caller: Caller, uow: UnitOfWork, clock: Clock
) -> Outcome[Workspace]:
    """
    Create the caller's workspace, or return it if it stands already with the same kind and name.

    Whoever may act in a workspace that does not exist yet is the operator of the installation; no
    API key can, as keys belong to a workspace.

    Problems:
        forbidden: the caller does not hold the scope ``admin``.
        workspace_invalid: the id is not of lower-case letters, digits and hyphens, up to 39.
        workspace_exists: it stands with another kind or name.
        live_workspace: a live workspace has no clock of its own.
    """
    unpermitted = missing_scope(caller, "admin")
    if unpermitted is not None:
        return Refused((unpermitted,))
    if _ID.fullmatch(caller.workspace) is None:
        message = "a workspace's id has up to 39 lower-case letters, digits and hyphens"
        return refuse("workspace_invalid", message, "workspace")
    if command.clock_at is not None and command.kind is WorkspaceKind.LIVE:
        message = "a live workspace goes by the computer's clock; a clock is set in a test one"
        return refuse("live_workspace", message, "clock_at")
    now = command.clock_at or clock.now()
    with uow:
        wanted = Workspace(
            id=caller.workspace,
            kind=command.kind,
            name=command.name,
            created_at=now,
            time=None if command.clock_at is None else WorkspaceTime(at=command.clock_at),
        )
        if not uow.workspaces.add(wanted):
            return _standing(uow.workspaces.current(), wanted)
        subject = f"workspace:{wanted.id}"
        uow.audit.append(audit_record(caller, command, subject=subject, at=now))
        uow.commit()
    return Done(wanted)


def _standing(stands: Workspace | None, wanted: Workspace) -> Outcome[Workspace]:
    if stands is None:
        raise InvariantBroken("a workspace that could not be added does not stand")
    if (stands.kind, stands.name) != (wanted.kind, wanted.name):
        message = f"the workspace {wanted.id} exists, as {stands.kind} with the name {stands.name}"
        return refuse("workspace_exists", message, "workspace")
    return Done(stands)

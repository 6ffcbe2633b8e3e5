"""`/v1/workspaces`: create, list and copy workspaces, as the operator of the installation."""

from __future__ import annotations

from dataclasses import replace

from litestar import Router, get, post

from tallystick.api.answers import value_of
from tallystick.api.authentication import needs
from tallystick.api.instants import utc_if_given
from tallystick.api.paging import Page, PageRequest
from tallystick.api.routes.workspaces.wire import (
    CopiedAnswer,
    CopyOrder,
    NewWorkspace,
    WorkspaceAnswer,
    wire_from_copied,
    wire_from_workspace,
)
from tallystick.app.catalog import CopyCatalog, copy_catalog
from tallystick.app.command import Caller, not_operator
from tallystick.app.keys import Scope
from tallystick.app.workspaces import CreateWorkspace, create_workspace, list_workspaces
from tallystick.bootstrap.engines import Application
from tallystick.kernel import Refused, WorkspaceId

ADMIN, TAGS = needs(Scope.ADMIN), ["workspaces"]


@post("/", opt=ADMIN, tags=TAGS, sync_to_thread=True, summary="Create a workspace")
def make_workspace(data: NewWorkspace, application: Application, caller: Caller) -> WorkspaceAnswer:
    """Create a workspace, or return it as it stands; for the operator alone."""
    unpermitted = not_operator(caller)
    if unpermitted is not None:
        value_of(Refused((unpermitted,)))
    command = CreateWorkspace(
        kind=data.kind, name=data.name, clock_at=utc_if_given("$.clock_at", data.clock_at)
    )
    made = create_workspace(
        command,
        caller=replace(caller, workspace=WorkspaceId(data.id)),
        uow=application.units(WorkspaceId(data.id)),
        clock=application.machine_clock,
    )
    return wire_from_workspace(value_of(made))


@get("/", opt=ADMIN, tags=TAGS, sync_to_thread=True, summary="List workspaces")
def workspaces(
    application: Application, caller: Caller, page: PageRequest
) -> Page[WorkspaceAnswer]:
    """List the workspaces of the installation by id; for the operator alone."""
    found = value_of(
        list_workspaces(caller, uow=application.runner(), after=page.after, limit=page.limit + 1)
    )
    return page.page(found, lambda each: str(each.id), wire=wire_from_workspace)


@post("/copy", opt=ADMIN, tags=TAGS, sync_to_thread=True, status_code=200, summary="Copy into this")
def copy(data: CopyOrder, application: Application, caller: Caller) -> CopiedAnswer:
    """
    Copy catalog and accounts of another workspace into the caller's; for the operator alone.

    Into a live workspace it takes the digest that the dry run told: what is written is what was
    looked at.
    """
    command = CopyCatalog(
        source=WorkspaceId(data.source),
        contracts=data.contracts,
        dry_run=data.dry_run,
        reviewed=data.reviewed,
    )
    done = copy_catalog(command, caller=caller, units=application.units, clock=application.clock)
    return wire_from_copied(value_of(done))


workspaces_router = Router(path="/workspaces", route_handlers=[make_workspace, workspaces, copy])

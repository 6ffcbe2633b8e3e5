"""`/v1/reconciliations`: the log compared with everything derived from it, and repaired from it."""

from __future__ import annotations

from litestar import Router, get, post

from tallystick.api.answers import value_of
from tallystick.api.authentication import needs
from tallystick.api.paging import Page, PageRequest
from tallystick.api.problems import HttpProblem
from tallystick.api.schemas import ReconcileOrder, RunRead, wire_from_run_under_way
from tallystick.app.command import Caller
from tallystick.app.keys import Scope as KeyScope
from tallystick.app.reconcile import ReconciliationRun, Scope
from tallystick.bootstrap.engines import Application
from tallystick.kernel import WorkspaceId


@post(
    "/",
    opt=needs(KeyScope.ADMIN),
    sync_to_thread=True,
    status_code=202,
    summary="Compare the log with what is derived from it",
)
def begin(data: ReconcileOrder, application: Application, caller: Caller) -> RunRead:
    """
    Begin a run: projection, roll-ups, manifest and issued invoices beside the log.

    With `repair` what differs is loaded again from the log; issued invoices are never touched. One
    run is made at a time. The operator of the data directory alone can repair, and compare all
    workspaces by leaving `workspace` out: both concern what all of them share.
    """
    scope = Scope(workspace=_workspace(data, caller), since=data.since, until=data.until)
    run = application.reconciler.ask(scope, repair=data.repair, caller=caller)
    return wire_from_run_under_way(value_of(run))


@get("/{run:str}", opt=needs(KeyScope.ADMIN), sync_to_thread=True, summary="Look at a run")
def show(run: str, application: Application, caller: Caller) -> RunRead:
    """Tell how far a run is, and what it found; of the last few since the owner started."""
    found = application.reconciler.find(run)
    if found is None or not _may_see(caller, found.scope.workspace):
        raise HttpProblem(404, "not_found", f"There is no run {run} since the last start.")
    return wire_from_run_under_way(found)


@get("/", opt=needs(KeyScope.READ), sync_to_thread=True, summary="List finished runs")
def runs(application: Application, caller: Caller, page: PageRequest) -> Page[ReconciliationRun]:
    """List what runs found in this workspace, the last first."""
    with application.units(caller.workspace) as uow:
        before = int(page.after) if page.after else None
        found = uow.reconciliations.page(before=before, limit=page.limit + 1)
    return page.page(found, lambda one: str(one.id), wire=lambda one: one)


def _workspace(order: ReconcileOrder, caller: Caller) -> WorkspaceId | None:
    if order.workspace is None:
        return None if caller.operator else caller.workspace
    wanted = WorkspaceId(order.workspace)
    if not _may_see(caller, wanted):
        raise HttpProblem(403, "forbidden", "This key is of another workspace.")
    return wanted


def _may_see(caller: Caller, workspace: WorkspaceId | None) -> bool:
    return caller.operator or workspace == caller.workspace


reconciliations_router = Router(
    path="/reconciliations", route_handlers=[begin, show, runs], tags=["operation"]
)

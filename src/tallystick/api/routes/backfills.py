"""`/v1/backfills`: named sets of events that count when they are closed."""

from __future__ import annotations

from litestar import Router, get, post

from tallystick.api.answers import value_of
from tallystick.api.authentication import needs
from tallystick.api.paging import Page, PageRequest
from tallystick.api.schemas import BackfillAnswer, BackfillOrder, BackfillStep, wire_from_preview
from tallystick.app.command import Caller
from tallystick.app.corrections import (
    Backfill,
    CloseBackfill,
    OpenBackfill,
    RevertBackfill,
    change_backfill,
    preview_backfill,
)
from tallystick.app.invoicing import preview_correction
from tallystick.app.keys import Scope
from tallystick.bootstrap.engines import Application

CORRECT = needs(Scope.CORRECT)
READ = needs(Scope.READ)


@post("/", opt=CORRECT, sync_to_thread=True, status_code=200, summary="Open a backfill")
def open_backfill(data: BackfillOrder, application: Application, caller: Caller) -> Backfill:
    """Open a named set; events sent with `?backfill=<name>` wait in it until it is closed."""
    return _changed(OpenBackfill(name=data.name, reason=data.reason), application, caller)


@get("/", opt=READ, sync_to_thread=True, summary="List backfills")
def backfills(application: Application, caller: Caller, page: PageRequest) -> Page[Backfill]:
    """List the sets by name."""
    found = application.known_corrections.backfills(
        caller.workspace, after=page.after, limit=page.limit + 1
    )
    return page.page(found, lambda one: one.name, wire=lambda one: one)


@get("/{name:str}/preview", opt=READ, sync_to_thread=True, summary="Preview a backfill")
def preview(name: str, application: Application, caller: Caller) -> BackfillAnswer:
    """
    Tell what closing an open set would change, or reverting a closed one.

    `changes`: quantities by account, meter and month. `money`: what billed lines come to now, and
    what they would come to; the difference is billed or credited with the next document.
    """
    outcome = preview_backfill(
        name,
        caller=caller,
        uow=application.units(caller.workspace),
        sources=application.correction_sources,
        usage=application.usage,
    )
    previewed = value_of(outcome)
    money = preview_correction(
        previewed, uow=application.units(caller.workspace), sources=application.billing_sources
    )
    return wire_from_preview(previewed, money)


@post(
    "/{name:str}/close",
    opt=CORRECT,
    sync_to_thread=True,
    status_code=200,
    summary="Close a backfill",
)
def close(name: str, data: BackfillStep, application: Application, caller: Caller) -> Backfill:
    """Let the events of a set count; months that were billed are corrected by difference."""
    return _changed(CloseBackfill(name=name, reason=data.reason), application, caller)


@post(
    "/{name:str}/revert",
    opt=CORRECT,
    sync_to_thread=True,
    status_code=200,
    summary="Revert a backfill",
)
def revert(name: str, data: BackfillStep, application: Application, caller: Caller) -> Backfill:
    """Let the events of a set count no more, or never; its name stays taken."""
    return _changed(RevertBackfill(name=name, reason=data.reason), application, caller)


def _changed(
    command: OpenBackfill | CloseBackfill | RevertBackfill,
    application: Application,
    caller: Caller,
) -> Backfill:
    outcome = change_backfill(
        command,
        caller=caller,
        uow=application.units(caller.workspace),
        sources=application.correction_sources,
    )
    return value_of(outcome)


backfills_router = Router(
    path="/backfills",
    route_handlers=[open_backfill, backfills, preview, close, revert],
    tags=["corrections"],
)

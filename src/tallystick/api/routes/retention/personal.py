"""`/v1/personal-data`: what is kept of personal values, and how they are erased."""

from __future__ import annotations

from litestar import Router, get, post

from tallystick.api.answers import value_of
from tallystick.api.authentication import needs
from tallystick.api.schemas import (
    ErasureAnswer,
    ErasureOrder,
    ErasurePreviewAnswer,
    PersonalRead,
    WhoseOrder,
    erasure_from_wire,
    whose_from_wire,
    wire_from_erased,
    wire_from_erasure_preview,
    wire_from_paths,
)
from tallystick.app.command import Caller
from tallystick.app.keys import Scope
from tallystick.app.personal import erase_values, preview_erasure, show_personal
from tallystick.bootstrap.engines import Application

TAGS = ["retention"]
ADMIN = needs(Scope.ADMIN)


@get("/", opt=ADMIN, tags=TAGS, sync_to_thread=True, summary="Show personal data")
def personal(application: Application, caller: Caller) -> PersonalRead:
    """
    Show which paths are personal, and how much is kept at each; they are declared in the catalog.

    `events_as_sent` came before their path was declared and hold the text itself: only retention
    removes it.
    """
    uow = application.units(caller.workspace)
    return wire_from_paths(
        value_of(show_personal(caller, uow=uow, events=application.personal_events))
    )


@post(
    "/preview",
    opt=ADMIN,
    tags=TAGS,
    sync_to_thread=True,
    status_code=200,
    summary="Preview an erasure",
)
def preview(data: WhoseOrder, application: Application, caller: Caller) -> ErasurePreviewAnswer:
    """Tell what an erasure would take, in which events it stands, and what holds it back."""
    found = preview_erasure(
        whose_from_wire(data),
        caller=caller,
        uow=application.units(caller.workspace),
        events=application.personal_events,
    )
    return wire_from_erasure_preview(value_of(found))


@post(
    "/erasures",
    opt=ADMIN,
    tags=TAGS,
    sync_to_thread=True,
    status_code=200,
    summary="Erase personal data",
)
def erase(data: ErasureOrder, application: Application, caller: Caller) -> ErasureAnswer:
    """
    Destroy text and salt of personal values; it cannot be taken back.

    Pseudonyms stay: no quantity, digest or document changes. Dead letters that hold the text go.
    Sent again it finds nothing left, and changes nothing.
    """
    erased = erase_values(
        erasure_from_wire(data),
        caller=caller,
        uow=application.units(caller.workspace),
        log=application.log,
        clock=application.clock,
    )
    return wire_from_erased(value_of(erased))


personal_router = Router(path="/personal-data", route_handlers=[personal, preview, erase])

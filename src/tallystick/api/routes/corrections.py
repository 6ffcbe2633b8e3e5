"""`/v1/events/void`, `/v1/events/amend`, `/v1/corrections`: what was wrong, as facts."""

from __future__ import annotations

from litestar import get, post

from tallystick.api.answers import value_of
from tallystick.api.authentication import needs
from tallystick.api.paging import Page, PageRequest
from tallystick.api.schemas import (
    AmendOrder,
    CorrectionAnswer,
    ReachAnswer,
    VoidOrder,
    amend_from_wire,
    void_from_wire,
    wire_from_correction,
    wire_from_reach,
)
from tallystick.app.command import Caller
from tallystick.app.corrections import AmendEvents, CorrectionReport, VoidEvents, correct_events
from tallystick.app.keys import Scope
from tallystick.bootstrap.engines import Application

CORRECT = needs(Scope.CORRECT)


@post(
    "/events/void",
    opt=CORRECT,
    tags=["corrections"],
    sync_to_thread=True,
    status_code=200,
    summary="Void events",
)
def void_events(data: VoidOrder, application: Application, caller: Caller) -> CorrectionReport:
    """
    Say that events never happened; nothing is removed, and every position before counts them.

    Each event has its result; one that was refused hinders no other.
    """
    return _corrected(void_from_wire(data), application, caller)


@post(
    "/events/amend",
    opt=CORRECT,
    tags=["corrections"],
    sync_to_thread=True,
    status_code=200,
    summary="Amend events",
)
def amend_events(data: AmendOrder, application: Application, caller: Caller) -> CorrectionReport:
    """
    Say what events should have been; one that was voided counts again.

    Each event has its result; one that was refused hinders no other.
    """
    return _corrected(amend_from_wire(data), application, caller)


def _corrected(
    command: VoidEvents | AmendEvents, application: Application, caller: Caller
) -> CorrectionReport:
    outcome = correct_events(
        command,
        caller=caller,
        uow=application.units(caller.workspace),
        sources=application.correction_sources,
    )
    return value_of(outcome)


@get(
    "/corrections",
    opt=needs(Scope.READ),
    tags=["corrections"],
    sync_to_thread=True,
    summary="List corrections",
)
def corrections(
    application: Application, caller: Caller, page: PageRequest
) -> Page[CorrectionAnswer]:
    """List what was voided and amended, newest first."""
    found = application.known_corrections.corrections(
        caller.workspace, before=int(page.after) if page.after else None, limit=page.limit + 1
    )
    return page.page(found, lambda one: str(one.position), wire=wire_from_correction)


@get(
    "/corrections/reaches",
    opt=needs(Scope.READ),
    tags=["corrections"],
    sync_to_thread=True,
    summary="List what reached into billed time",
)
def reaches(application: Application, caller: Caller, page: PageRequest) -> Page[ReachAnswer]:
    """List late events, corrections and backfills that reach into time that was billed."""
    with application.units(caller.workspace) as uow:
        found = uow.reaches.page(
            before=int(page.after) if page.after else None, limit=page.limit + 1
        )
    return page.page(found, lambda one: str(one[0]), wire=wire_from_reach)

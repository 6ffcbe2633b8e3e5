"""`/v1/clock`: where the clock of a workspace stands, and advancing it."""

from __future__ import annotations

from litestar import Router, get, post

from tallystick.api.answers import value_of
from tallystick.api.authentication import needs
from tallystick.api.instants import utc_if_given
from tallystick.api.routes.workspaces.wire import (
    AdvanceAnswer,
    AdvanceOrder,
    ClockAnswer,
    wire_from_advance,
    wire_from_standing,
)
from tallystick.app.advancing import AdvanceClock, advance_clock, interval_from, show_clock
from tallystick.app.command import Caller
from tallystick.app.keys import Scope
from tallystick.bootstrap.engines import Application

TAGS = ["workspaces"]


@get("/", opt=needs(Scope.READ), tags=TAGS, sync_to_thread=True, summary="Show the clock")
def clock(application: Application, caller: Caller) -> ClockAnswer:
    """Show where the clock of the workspace stands."""
    uow = application.units(caller.workspace)
    return wire_from_standing(value_of(show_clock(caller, uow=uow, clock=application.clock)))


@post(
    "/advance",
    opt=needs(Scope.ADMIN),
    tags=TAGS,
    sync_to_thread=True,
    status_code=200,
    summary="Advance the clock of a test workspace",
)
def advance(data: AdvanceOrder, application: Application, caller: Caller) -> AdvanceAnswer:
    """
    Advance the clock, billing and recognizing revenue at every instant on the way.

    Sent again after it was broken off, it goes on to where it was going; nothing is issued twice.
    """
    command = AdvanceClock(
        to=utc_if_given("$.to", data.to), by=interval_from(data.by) if data.by else None
    )
    report = advance_clock(
        command, caller=caller, units=application.units, sources=application.billing_sources
    )
    return wire_from_advance(value_of(report))


clock_router = Router(path="/clock", route_handlers=[clock, advance])

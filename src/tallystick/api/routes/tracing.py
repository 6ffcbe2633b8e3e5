"""`/v1/events/{id}/trace`: the way of one event, and why it was billed or not."""

from __future__ import annotations

from typing import Annotated

from litestar import get
from litestar.params import Parameter

from tallystick.api.answers import value_of
from tallystick.api.authentication import needs
from tallystick.api.schemas import TraceRead, wire_from_trace
from tallystick.app.command import Caller
from tallystick.app.keys import Scope
from tallystick.app.tracing import TraceEvent, trace_event
from tallystick.bootstrap.engines import Application

Source = Annotated[str | None, Parameter(description="Only the event of this source.")]


@get(
    "/events/{event_id:str}/trace",
    opt=needs(Scope.READ),
    tags=["events"],
    sync_to_thread=True,
    summary="Trace an event",
)
def trace(
    event_id: Annotated[str, Parameter(description="Id of the event.")],
    application: Application,
    caller: Caller,
    *,
    source: Source = None,
) -> TraceRead:
    """Tell where an event was accepted, whose it is, which meters count it, and who is billed."""
    return _traced(application, caller, TraceEvent(event_id=event_id, source=source))


@get(
    "/events/trace",
    opt=needs(Scope.READ),
    tags=["events"],
    sync_to_thread=True,
    summary="Trace an event of any id",
)
def trace_named(
    application: Application,
    caller: Caller,
    *,
    event: Annotated[str, Parameter(description="Id of the event; it may hold a slash.")],
    source: Source = None,
) -> TraceRead:
    """Do the same for ids that do not fit into a path."""
    return _traced(application, caller, TraceEvent(event_id=event, source=source))


def _traced(application: Application, caller: Caller, question: TraceEvent) -> TraceRead:
    outcome = trace_event(
        question,
        caller=caller,
        uow=application.units(caller.workspace),
        sources=application.trace_sources,
    )
    return wire_from_trace(value_of(outcome))

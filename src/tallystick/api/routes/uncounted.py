"""`/v1/events/unattributed` and `/unmeterable`: what was accepted and counts nothing yet."""

from __future__ import annotations

from datetime import datetime
from typing import Annotated

from litestar import get
from litestar.params import Parameter

from tallystick.api.answers import value_of
from tallystick.api.authentication import needs
from tallystick.api.instants import utc_if_given
from tallystick.api.schemas import (
    UnattributedRead,
    UnmeterableRead,
    wire_from_unattributed,
    wire_from_unmeterable,
)
from tallystick.app.command import Caller
from tallystick.app.keys import Scope
from tallystick.app.uncounted import GROUPS_MAX, ListUncounted, list_unattributed, list_unmeterable
from tallystick.bootstrap.engines import Application
from tallystick.kernel import MeterKey

LIMIT_DEFAULT = 100
Start = Annotated[datetime | None, Parameter(description="Used at or after.")]
End = Annotated[datetime | None, Parameter(description="Used before.")]
Type = Annotated[str | None, Parameter(description="Only events of this type.")]
Subject = Annotated[str | None, Parameter(description="Only events of this subject.")]
Position = Annotated[int, Parameter(ge=0, description="Wait until this log position is covered.")]
Limit = Annotated[int, Parameter(ge=1, le=GROUPS_MAX, description="The largest groups.")]


@get(
    "/events/unattributed",
    opt=needs(Scope.READ),
    tags=["events"],
    sync_to_thread=True,
    summary="List unattributed events",
)
def unattributed(  # noqa: PLR0913 - each is a parameter of the query string
    application: Application,
    caller: Caller,
    *,
    start: Start = None,
    end: End = None,
    type: Type = None,
    subject: Subject = None,
    position: Position = 0,
    limit: Limit = LIMIT_DEFAULT,
) -> UnattributedRead:
    """List events of nobody, or of a type without a meter, by volume; mended, they count."""
    outcome = list_unattributed(
        ListUncounted(
            start=utc_if_given("start", start),
            end=utc_if_given("end", end),
            type=type,
            subject=subject,
            position=position,
            limit=limit,
        ),
        caller=caller,
        uow=application.units(caller.workspace),
        sources=application.uncounted_sources,
    )
    return wire_from_unattributed(value_of(outcome))


@get(
    "/events/unmeterable",
    opt=needs(Scope.READ),
    tags=["events"],
    sync_to_thread=True,
    summary="List unmeterable events",
)
def unmeterable(  # noqa: PLR0913 - each is a parameter of the query string
    application: Application,
    caller: Caller,
    *,
    start: Start = None,
    end: End = None,
    meter: Annotated[MeterKey | None, Parameter(description="Only for this meter.")] = None,
    subject: Subject = None,
    position: Position = 0,
    limit: Limit = LIMIT_DEFAULT,
) -> UnmeterableRead:
    """List events whose value a meter cannot read, by volume; of 31 days unless told otherwise."""
    outcome = list_unmeterable(
        ListUncounted(
            start=utc_if_given("start", start),
            end=utc_if_given("end", end),
            meter=meter,
            subject=subject,
            position=position,
            limit=limit,
        ),
        caller=caller,
        uow=application.units(caller.workspace),
        sources=application.uncounted_sources,
    )
    return wire_from_unmeterable(value_of(outcome))

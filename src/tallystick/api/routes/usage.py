"""`/v1/usage`: quantities by meter, window, account, resource and dimensions."""

from __future__ import annotations

from datetime import datetime
from typing import Annotated

from litestar import get
from litestar.params import Parameter

from tallystick.api.answers import value_of
from tallystick.api.authentication import needs
from tallystick.api.instants import utc
from tallystick.api.schemas import UsageRead, wire_from_usage
from tallystick.app.command import Caller
from tallystick.app.keys import Scope
from tallystick.app.metering import UsageQuestion, WindowSize, query_usage
from tallystick.bootstrap.engines import Application
from tallystick.kernel import AccountKey, MeterKey


@get(
    "/usage",
    opt=needs(Scope.READ, account_keys=True),
    tags=["usage"],
    sync_to_thread=True,
    summary="Read usage",
)
def usage(  # noqa: PLR0913 - each is a parameter of the query string
    application: Application,
    caller: Caller,
    *,
    meter: Annotated[MeterKey, Parameter(description="Key of the meter.")],
    start: Annotated[datetime, Parameter(description="First instant, with its zone.")],
    end: Annotated[datetime, Parameter(description="The instant behind the last.")],
    window: Annotated[
        WindowSize, Parameter(description="Cut at these calendar boundaries.")
    ] = WindowSize.TOTAL,
    zone: Annotated[
        str, Parameter(description="Of the boundaries; else the account's, or UTC.")
    ] = "",
    account: Annotated[AccountKey | None, Parameter(description="Only what is its.")] = None,
    resource: Annotated[str | None, Parameter(description="Only this subject's.")] = None,
    group_by: Annotated[
        str, Parameter(description="Dimensions of the meter, or subject; with commas.")
    ] = "",
    position: Annotated[
        int, Parameter(ge=0, description="Wait until this log position is in the answer.")
    ] = 0,
    as_of: Annotated[
        int | None, Parameter(ge=0, description="Look at events up to this log position only.")
    ] = None,
) -> UsageRead:
    """Read the exact quantities of a meter; a key of one account sees that account's."""
    question = UsageQuestion(
        meter=meter,
        start=utc("start", start),
        end=utc("end", end),
        size=window,
        zone=zone,
        account=account,
        subject=resource,
        group_by=tuple(name.strip() for name in group_by.split(",") if name.strip()),
        position=position,
        as_of=as_of,
    )
    outcome = query_usage(
        question,
        caller=caller,
        uow=application.units(caller.workspace),
        usage=application.usage,
        clock=application.clock,
    )
    return wire_from_usage(value_of(outcome))

"""`/v1/usage/stream`: the usage of the running window, told as it grows."""

from __future__ import annotations

from typing import Annotated, Any

from litestar import Request, get
from litestar.params import Parameter
from litestar.response import ServerSentEvent

from tallystick.api.answers import value_of
from tallystick.api.authentication import BEARER, Gatekeeper, needs
from tallystick.api.problems import HttpProblem
from tallystick.api.usage import Subscriber, UsageStreams
from tallystick.app.command import Caller
from tallystick.app.keys import Scope
from tallystick.app.metering import FollowUsage, WindowSize
from tallystick.kernel import AccountKey, MeterKey


@get(
    "/usage/stream",
    opt=needs(Scope.READ, account_keys=True),
    tags=["usage"],
    summary="Follow usage",
    media_type="text/event-stream",
)
async def usage_stream(  # noqa: PLR0913 - most are parameters of the query string
    request: Request[Any, Any, Any],
    caller: Caller,
    streams: UsageStreams,
    gatekeeper: Gatekeeper,
    *,
    meter: Annotated[MeterKey, Parameter(description="Key of the meter.")],
    window: Annotated[
        WindowSize, Parameter(description="The running hour, day, week, month, quarter or year.")
    ] = WindowSize.DAY,
    zone: Annotated[str, Parameter(description="Of the window; else the account's, or UTC.")] = "",
    account: Annotated[AccountKey | None, Parameter(description="Only what is its.")] = None,
    resource: Annotated[str | None, Parameter(description="Only this subject's.")] = None,
) -> ServerSentEvent:
    """
    Follow a meter as server-sent events, at most a second behind the acknowledged event.

    Each message `usage` holds the whole quantity of its window so far. Send `Last-Event-ID` to be
    told first how the window that you saw last has ended.
    """
    streams.check_room(caller.actor)
    followed = FollowUsage(meter=meter, account=account, size=window, zone=zone, subject=resource)
    value_of(await streams.read(caller, followed))
    token = request.headers.get("authorization", "")[len(BEARER) :].strip()

    async def still_admitted() -> bool:
        try:
            key = await gatekeeper.ring.key(token)
        except HttpProblem:
            return False
        return key.account == caller.account and key.scopes == caller.scopes

    subscriber = Subscriber(
        followed=followed,
        caller=caller,
        still_admitted=still_admitted,
        last_id=request.headers.get("last-event-id", ""),
    )
    return ServerSentEvent(streams.messages(subscriber), headers={"X-Accel-Buffering": "no"})

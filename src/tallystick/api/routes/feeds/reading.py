"""`/v1/feeds`: what other systems are told of tenants, and its schemas."""

from __future__ import annotations

import asyncio
from typing import Annotated, Any

import msgspec
from litestar import Request, Response, Router, get, post
from litestar.params import QueryParameter

from tallystick.api.answers import value_of
from tallystick.api.authentication import needs
from tallystick.api.paging import PageRequest
from tallystick.api.routes.feeds.wire import (
    FeedAnswer,
    StandingAnswer,
    ToldAnswer,
    wire_from_feed,
    wire_from_numbered,
    wire_from_standing,
)
from tallystick.api.routes.triggers import TriggersAnswer, doors_of, read_sent, results_of
from tallystick.api.routes.triggers.wire import TriggerResult
from tallystick.app.command import Caller
from tallystick.app.feeds import (
    FEEDS,
    StandingQuestion,
    StandingSources,
    feed_of,
    feed_schema,
    read_standing,
    read_told,
    take_item,
)
from tallystick.app.keys import Scope
from tallystick.bootstrap.engines import Application

PAGE_MAX = 500
READ = needs(Scope.READ)
After = Annotated[
    int,
    QueryParameter(
        name="after", ge=0, le=2**62, description="`next_after` of the page before; 0: all."
    ),
]
Limit = Annotated[int, QueryParameter(name="limit", ge=1, le=PAGE_MAX)]
# Numbers go out as they are written: 2499.00, never through a binary float.
_encoder = msgspec.json.Encoder(decimal_format="number")


@get("/feeds", opt=READ, sync_to_thread=False, summary="List feeds")
def feeds() -> tuple[FeedAnswer, ...]:
    """List the five feeds: for whom each is and what it tells."""
    return tuple(map(wire_from_feed, FEEDS.values()))


@get("/feeds/{feed:str}", opt=READ, sync_to_thread=True, summary="Read what a feed tells")
def told(
    feed: str, application: Application, caller: Caller, after: After = 0, limit: Limit = 100
) -> ToldAnswer:
    """
    Read what happened behind a number, in order.

    Nothing appears behind a number that was read: whoever goes on from `next_after` misses nothing.
    """
    uow = application.units(caller.workspace)
    page = value_of(read_told(feed, caller=caller, uow=uow, after=after, limit=limit))
    return ToldAnswer(
        items=tuple(map(wire_from_numbered, page.items)),
        next_after=page.next_after,
        more=page.more,
    )


@get(
    "/feeds/{feed:str}/{kind:str}",
    opt=READ,
    sync_to_thread=True,
    summary="Read what stands now",
)
def standing(
    feed: str, kind: str, application: Application, caller: Caller, page: PageRequest
) -> Response[StandingAnswer]:
    """Read one kind of what stands now; a page may be short, the last has no `next_cursor`."""
    question = StandingQuestion(feed=feed, kind=kind, after=page.after, limit=page.limit)
    sources = StandingSources(
        units=application.units,
        billing=application.billing_sources,
        usage=application.usage,
        known=application.quotas.desks.recount.known,
    )
    found = value_of(read_standing(question, caller=caller, sources=sources))
    sealed = page.cursors.seal(found.after, scope=page.scope) if found.after else ""
    content: Any = _encoder.encode(wire_from_standing(found, next_cursor=sealed))
    return Response(content, media_type="application/json")


@post(
    "/feeds/{feed:str}",
    opt=needs(Scope.BILLING, Scope.QUOTA),
    status_code=200,
    summary="Send items to a feed",
)
async def send(
    feed: str, request: Request[Any, Any, Any], application: Application, caller: Caller
) -> Response[TriggersAnswer]:
    """
    Take at most 20 CloudEvents, as `/v1/triggers` does; the type of each is a kind of the feed.

    Each is carried out once by its source and id, in order. 422 where not one of them is done.
    """
    body = await request.body()
    headers = {name.lower(): value for name, value in request.headers.items()}
    results = await asyncio.to_thread(_taken, feed, body, headers, application, caller)
    is_any_done = any(one.status in {"done", "repeated"} for one in results)
    return Response(TriggersAnswer(results=tuple(results)), status_code=200 if is_any_done else 422)


def _taken(
    feed: str, body: bytes, headers: dict[str, str], application: Application, caller: Caller
) -> list[TriggerResult]:
    value_of(feed_of(feed))
    doors = doors_of(application)
    return results_of(
        read_sent(body, headers, application=application, caller=caller),
        lambda command: take_item(feed, command, caller=caller, doors=doors),
    )


@get("/schemas/feeds/{feed:str}", opt=READ, sync_to_thread=False, summary="The schema of a feed")
def schema(feed: str) -> dict[str, Any]:
    """Give the JSON Schema (draft 2020-12) of each kind of a feed."""
    return dict(feed_schema(value_of(feed_of(feed)).name.value))


feeds_router = Router(
    path="/", route_handlers=[feeds, told, standing, send, schema], tags=["feeds"]
)

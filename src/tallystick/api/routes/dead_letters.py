"""`/v1/dead-letters`: events that were not taken, why, and how they are put right."""

from __future__ import annotations

from datetime import datetime
from typing import Annotated

from litestar import Router, get, post
from litestar.params import Parameter

from tallystick.api.answers import value_of
from tallystick.api.authentication import needs
from tallystick.api.instants import utc_if_given
from tallystick.api.paging import Page, PageRequest
from tallystick.api.problems import HttpProblem
from tallystick.api.schemas import (
    DeadLetterAnswer,
    DiscardOrder,
    ReplayOrder,
    selection_from_wire,
    wire_from_dead_letter,
)
from tallystick.app.command import Caller
from tallystick.app.dead_letters import LetterFilter, LetterState
from tallystick.app.keys import Scope
from tallystick.app.mending import (
    DiscardLetters,
    DiscardReport,
    ReplayLetters,
    ReplayReport,
    discard_letters,
    preview_replay,
    replay_letters,
)
from tallystick.bootstrap.engines import Application

TAGS = ["events"]
CORRECT = needs(Scope.CORRECT)
NUMBER_MAX = 2**63 - 1


@get(
    "/",
    opt=needs(Scope.READ),
    tags=TAGS,
    sync_to_thread=True,
    summary="List rejected events",
)
def dead_letters(  # noqa: PLR0913 - each is a parameter of the query string
    application: Application,
    caller: Caller,
    page: PageRequest,
    *,
    code: Annotated[str, Parameter(description="Only those rejected for this reason.")] = "",
    source: Annotated[str, Parameter(description="Only those of this source.")] = "",
    type: Annotated[str, Parameter(description="Only those of this event type.")] = "",
    event: Annotated[str, Parameter(description="Only those of this event's id.")] = "",
    since: Annotated[datetime | None, Parameter(description="Received at or after.")] = None,
    until: Annotated[datetime | None, Parameter(description="Received before.")] = None,
    text: Annotated[str, Parameter(description="Stands in the message or the body.")] = "",
    status: Annotated[
        LetterState | None, Parameter(description="Only those that are so far.")
    ] = None,
) -> Page[DeadLetterAnswer]:
    """List rejected events as they were sent, newest first."""
    before = int(page.after) if page.after else None
    wanted = LetterFilter(
        code=code,
        source=source,
        type=type,
        event_id=event,
        since=utc_if_given("since", since),
        until=utc_if_given("until", until),
        text=text,
        state=status,
    )
    with application.units(caller.workspace) as uow:
        letters = uow.dead_letters.page(before=before, limit=page.limit + 1, wanted=wanted)
    return page.page(letters, lambda letter: str(letter.id), wire=wire_from_dead_letter)


@get(
    "/{letter:int}",
    opt=needs(Scope.READ),
    tags=TAGS,
    sync_to_thread=True,
    summary="Show a rejected event",
)
def dead_letter(letter: int, application: Application, caller: Caller) -> DeadLetterAnswer:
    """Show one rejected event whole."""
    with application.units(caller.workspace) as uow:
        found = uow.dead_letters.find(letter) if 0 < letter <= NUMBER_MAX else None
    if found is None:
        raise HttpProblem(404, "not_found", f"There is no dead letter {letter}.")
    return wire_from_dead_letter(found)


@post(
    "/preview",
    opt=CORRECT,
    tags=TAGS,
    sync_to_thread=True,
    status_code=200,
    summary="Look at what a replay would do",
)
def preview(data: ReplayOrder, application: Application, caller: Caller) -> ReplayReport:
    """Rewrite letters that wait by fixes and tell what would be refused; nothing is taken."""
    command = ReplayLetters(selection=selection_from_wire(data), fixes=data.fixes)
    return value_of(preview_replay(command, caller=caller, parts=application.mending_parts))


@post("/replay", opt=CORRECT, tags=TAGS, status_code=200, summary="Send rejected events again")
async def replay(data: ReplayOrder, application: Application, caller: Caller) -> ReplayReport:
    """Rewrite letters that wait and send them through the gate; what is taken counts once."""
    command = ReplayLetters(selection=selection_from_wire(data), fixes=data.fixes)
    return value_of(await replay_letters(command, caller=caller, parts=application.mending_parts))


@post(
    "/discard",
    opt=CORRECT,
    tags=TAGS,
    sync_to_thread=True,
    status_code=200,
    summary="Give up rejected events",
)
def discard(data: DiscardOrder, application: Application, caller: Caller) -> DiscardReport:
    """Give up letters that wait, with a reason that stays beside them."""
    command = DiscardLetters(selection=selection_from_wire(data), reason=data.reason)
    uow = application.units(caller.workspace)
    return value_of(discard_letters(command, caller=caller, uow=uow, clock=application.clock))


dead_letters_router = Router(
    path="/dead-letters", route_handlers=[dead_letters, dead_letter, preview, replay, discard]
)

"""`/v1/dead-letters`: events that were not taken, and why."""

from __future__ import annotations

from typing import Annotated

from litestar import get
from litestar.params import Parameter

from tallystick.api.authentication import needs
from tallystick.api.paging import Page, PageRequest
from tallystick.api.schemas import DeadLetterAnswer, wire_from_dead_letter
from tallystick.app.command import Caller
from tallystick.app.keys import Scope
from tallystick.bootstrap.engines import Application


@get(
    "/dead-letters",
    opt=needs(Scope.READ),
    tags=["events"],
    sync_to_thread=True,
    summary="List rejected events",
)
def dead_letters(
    application: Application,
    caller: Caller,
    page: PageRequest,
    code: Annotated[str, Parameter(description="Only those rejected for this reason.")] = "",
) -> Page[DeadLetterAnswer]:
    """List rejected events as they were sent, newest first."""
    before = int(page.after) if page.after else None
    with application.units(caller.workspace) as uow:
        letters = uow.dead_letters.page(before=before, limit=page.limit + 1, code=code)
    return page.page(letters, lambda letter: str(letter.id), wire=wire_from_dead_letter)

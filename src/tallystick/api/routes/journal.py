"""`/v1/journal`: every movement of money, balanced."""

from __future__ import annotations

from datetime import datetime

from litestar import get

from tallystick.api.answers import value_of
from tallystick.api.authentication import needs
from tallystick.api.paging import Page, PageRequest
from tallystick.api.schemas import EntryAnswer, wire_from_entry
from tallystick.app.command import Caller
from tallystick.app.keys import Scope
from tallystick.app.ledger import list_entries
from tallystick.bootstrap.engines import Application
from tallystick.kernel import instant, instant_text
from tallystick.ledger import PostedEntry


@get("/journal", opt=needs(Scope.READ), tags=["journal"], sync_to_thread=True, summary="List")
def journal(application: Application, caller: Caller, page: PageRequest) -> Page[EntryAnswer]:
    """List entries by the instant from which they count."""
    uow = application.units(caller.workspace)
    after = _place(page.after)
    found = value_of(list_entries(caller, uow=uow, after=after, limit=page.limit + 1))
    return page.page(found, _text, wire=wire_from_entry)


def _text(posted: PostedEntry) -> str:
    return f"{instant_text(posted.entry.effective_at)} {posted.entry.id}"


def _place(after: str) -> tuple[datetime, str] | None:
    if not after:
        return None
    at, _, entry = after.partition(" ")
    return instant(at), entry

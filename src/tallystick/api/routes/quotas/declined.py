"""`/v1/declined-letters`: addresses that are sent no letters on usage."""

from __future__ import annotations

from typing import Annotated

import msgspec
from litestar import Router, delete, get, post

from tallystick.api.answers import value_of
from tallystick.api.authentication import needs
from tallystick.api.paging import Page, PageRequest
from tallystick.app.command import Caller
from tallystick.app.keys import Scope
from tallystick.app.usage_alerts import (
    DeclinedLetters,
    DeclineLetters,
    decline_letters,
    list_declined,
)
from tallystick.bootstrap.engines import Application

QUOTA = needs(Scope.QUOTA)


class DecliningOrder(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Which address wants no letters."""

    address: Annotated[str, msgspec.Meta(max_length=320, examples=["owner@example.com"])]


@get("/", opt=QUOTA, sync_to_thread=True, summary="List who declined letters")
def declined(application: Application, caller: Caller, page: PageRequest) -> Page[DeclinedLetters]:
    """List addresses that are sent no letters on usage."""
    uow = application.units(caller.workspace)
    found = value_of(list_declined(caller, uow=uow, after=page.after, limit=page.limit + 1))
    return page.page(found, lambda one: one.address, wire=lambda one: one)


@post("/", opt=QUOTA, sync_to_thread=True, status_code=200, summary="Decline letters on usage")
def decline(data: DecliningOrder, application: Application, caller: Caller) -> DeclinedLetters:
    """
    Send an address no letters on usage any more, whoever's alert it is.

    Letters that a limit begins to refuse or slow go on: they tell of the service itself.
    """
    return _said(DeclineLetters(address=data.address), application, caller)


@delete(
    "/{address:str}", opt=QUOTA, sync_to_thread=True, status_code=200, summary="Take letters again"
)
def take(address: str, application: Application, caller: Caller) -> DeclinedLetters:
    """Send an address letters on usage again."""
    return _said(DeclineLetters(address=address, again=True), application, caller)


def _said(command: DeclineLetters, application: Application, caller: Caller) -> DeclinedLetters:
    uow = application.units(caller.workspace)
    outcome = decline_letters(command, caller=caller, uow=uow, clock=application.machine_clock)
    return value_of(outcome)


declined_router = Router(
    path="/declined-letters", route_handlers=[declined, decline, take], tags=["quotas"]
)

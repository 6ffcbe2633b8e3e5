"""`/v1/keys`: make, list and revoke API keys."""

from __future__ import annotations

from litestar import delete, get, post

from tallystick.api.answers import value_of
from tallystick.api.authentication import Gatekeeper, needs
from tallystick.api.instants import utc_if_given
from tallystick.api.paging import Page, PageRequest
from tallystick.api.schemas import KeyAnswer, NewKey, NewKeyAnswer, wire_from_key
from tallystick.app.command import Caller
from tallystick.app.keys import (
    CreateKey,
    RevokeKey,
    Scope,
    create_key,
    list_keys,
    revoke_key,
)
from tallystick.bootstrap.engines import Application

ADMIN = needs(Scope.ADMIN)
TAGS = ["keys"]


@post("/keys", opt=ADMIN, tags=TAGS, sync_to_thread=True, summary="Make a key")
def make_key(data: NewKey, application: Application, caller: Caller) -> NewKeyAnswer:
    """Make a key; its token is shown in this answer and never again."""
    command = CreateKey(
        label=data.label,
        scopes=data.scopes,
        account=data.account,
        expires_at=utc_if_given("$.expires_at", data.expires_at),
    )
    uow = application.units(caller.workspace)
    made = value_of(create_key(command, caller=caller, uow=uow, clock=application.machine_clock))
    return NewKeyAnswer(key=wire_from_key(made.key), token=made.token)


@get("/keys", opt=ADMIN, tags=TAGS, sync_to_thread=True, summary="List keys")
def keys(application: Application, caller: Caller, page: PageRequest) -> Page[KeyAnswer]:
    """List keys by id, revoked and expired ones included."""
    uow = application.units(caller.workspace)
    found = value_of(list_keys(caller, uow=uow, after=page.after, limit=page.limit + 1))
    return page.page(found, lambda key: key.id, wire=wire_from_key)


@delete(
    "/keys/{key_id:str}",
    opt=ADMIN,
    tags=TAGS,
    sync_to_thread=True,
    status_code=200,
    summary="Revoke a key",
)
def revoke(
    key_id: str, application: Application, caller: Caller, gatekeeper: Gatekeeper
) -> KeyAnswer:
    """Revoke a key: refused here from now on, and everywhere within a second."""
    uow = application.units(caller.workspace)
    revoked = value_of(
        revoke_key(
            RevokeKey(key_id=key_id), caller=caller, uow=uow, clock=application.machine_clock
        )
    )
    gatekeeper.ring.forget()
    return wire_from_key(revoked)

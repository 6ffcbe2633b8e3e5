"""`/v1/accounts/{key}/payer-changes`: who pays for an account from an instant on."""

from __future__ import annotations

from datetime import datetime
from typing import Annotated

import msgspec
from litestar import Router, post

from tallystick.api.answers import value_of
from tallystick.api.authentication import needs
from tallystick.app.command import Caller
from tallystick.app.keys import Scope
from tallystick.app.subscriptions import ChangedPayer, ChangePayer, change_payer
from tallystick.bootstrap.engines import Application
from tallystick.kernel import AccountKey

ADMIN = needs(Scope.ADMIN)
Instant = Annotated[datetime, msgspec.Meta(tz=True)]


class PayerOrder(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """
    Where an account stands from an instant on: below a parent, or invoiced itself.

    Without `at` it is now; it may lie ahead or back. With `dry_run` nothing is written, and all
    that a billing run would issue for it at once is told.
    """

    at: Instant | None = None
    parent: Annotated[str, msgspec.Meta(max_length=200)] = ""
    invoiced: bool = False
    dry_run: bool = False


@post(
    "/{key:str}/payer-changes",
    opt=ADMIN,
    sync_to_thread=True,
    status_code=200,
    summary="Change who pays",
)
def move(key: str, data: PayerOrder, application: Application, caller: Caller) -> ChangedPayer:
    """Say below whom an account stands from an instant on; a dry run tells the money."""
    command = ChangePayer(
        account=AccountKey(key),
        at=data.at,
        parent=data.parent,
        invoiced=data.invoiced,
        dry_run=data.dry_run,
    )
    outcome = change_payer(
        command,
        caller=caller,
        uow=application.units(caller.workspace),
        sources=application.billing_sources,
    )
    return value_of(outcome)


payers_router = Router(path="/accounts", route_handlers=[move], tags=["catalog"])

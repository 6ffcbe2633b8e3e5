"""`GET /v1/quota/usage`: what stands against the limits of an account."""

from __future__ import annotations

from litestar import get

from tallystick.api.answers import value_of
from tallystick.api.authentication import needs
from tallystick.api.schemas.quotas import UsageOfQuotas, wire_from_usage
from tallystick.app.command import Caller
from tallystick.app.keys import Scope
from tallystick.app.quotas import read_quota_usage
from tallystick.bootstrap.engines import Application
from tallystick.kernel import AccountKey


@get(
    "/quota/usage",
    opt=needs(Scope.READ, account_keys=True),
    sync_to_thread=True,
    summary="Show what stands against limits",
)
def quota_usage(account: str, application: Application, caller: Caller) -> UsageOfQuotas:
    """Show every limit of an account: used, held by reservations and leases, left, and why."""
    at = application.clock.now()
    outcome = read_quota_usage(
        AccountKey(account),
        caller=caller,
        at=at,
        uow=application.units(caller.workspace),
        desks=application.quotas.desks,
    )
    return wire_from_usage(value_of(outcome), at=at)

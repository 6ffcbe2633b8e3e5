"""`/v1/feature-flags`: what plans and accounts grant, for gateways and feature-toggle systems."""

from __future__ import annotations

from typing import Annotated

from litestar import Response, get
from litestar.params import QueryParameter

from tallystick.api.answers import value_of
from tallystick.api.authentication import needs
from tallystick.api.routes.entitled.conditional import IfNoneMatch, conditional
from tallystick.api.routes.entitled.wire import FeatureFlagsAnswer, wire_from_flags
from tallystick.app.command import Caller
from tallystick.app.entitlements import read_feature_flags
from tallystick.app.keys import Scope
from tallystick.bootstrap.engines import Application
from tallystick.kernel import AccountKey

# A gateway may serve what it holds for half a minute, and for a day while nobody answers it.
KEPT = "private, max-age=30, stale-if-error=86400"
OfAccount = Annotated[
    AccountKey | None,
    QueryParameter(name="account", description="Tell what this account may use, too."),
]


@get(
    "/feature-flags",
    opt=needs(Scope.READ, account_keys=True),
    sync_to_thread=True,
    summary="Export feature flags",
    tags=["entitlements"],
)
def feature_flags(
    application: Application,
    caller: Caller,
    account: OfAccount = None,
    held: IfNoneMatch = None,
) -> Response[FeatureFlagsAnswer]:
    """
    Export which plan grants which feature, and with `account` what that account may use now.

    The answer may be kept for 30 seconds, and has an `ETag`; sent as `If-None-Match`, it is
    answered 304 while nothing changed. A key of one account gets that account's flags alone.
    """
    outcome = read_feature_flags(
        account,
        at=application.clock.now(),
        caller=caller,
        uow=application.units(caller.workspace),
    )
    return conditional(wire_from_flags(value_of(outcome)), held=held, cache=KEPT)

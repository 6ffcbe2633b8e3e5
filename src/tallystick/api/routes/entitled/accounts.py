"""`/v1/accounts/{account}/entitlements` and what changes them: grants by hand, restrictions."""

from __future__ import annotations

from datetime import datetime
from decimal import Decimal
from typing import Annotated

from litestar import Response, Router, get, post
from litestar.params import QueryParameter

from tallystick.api.answers import value_of
from tallystick.api.authentication import needs
from tallystick.api.instants import utc_if_given
from tallystick.api.routes.entitled.conditional import IfNoneMatch, conditional
from tallystick.api.routes.entitled.wire import (
    AccountEntitlementsAnswer,
    EndingOrder,
    GrantEntitlementOrder,
    RestrictionOrder,
    grant_from_order,
    wire_from_account,
)
from tallystick.app.command import Caller
from tallystick.app.entitlements import (
    GrantEntitlement,
    LiftRestriction,
    RestrictAccount,
    StandingChanged,
    WithdrawGrant,
    grant_entitlement,
    lift_restriction,
    read_account_entitlements,
    restrict_account,
    withdraw_grant,
)
from tallystick.app.keys import Scope
from tallystick.bootstrap.engines import Application
from tallystick.catalog import throttle_from_document
from tallystick.entitlements import RestrictionSource
from tallystick.kernel import AccountKey, Misuse, Outcome, parse_decimal, refuse

OWN = needs(Scope.READ, account_keys=True)
BILLING = needs(Scope.BILLING)
At = Annotated[
    datetime | None,
    QueryParameter(name="at", description="The instant asked for; now, unless given."),
]


@get(
    "/accounts/{account:str}/entitlements",
    opt=OWN,
    sync_to_thread=True,
    summary="What an account may use",
)
def account_entitlements(
    account: str,
    application: Application,
    caller: Caller,
    as_of: At = None,
    held: IfNoneMatch = None,
) -> Response[AccountEntitlementsAnswer]:
    """
    List what an account may use of each feature at an instant, and from where that follows.

    The answer has an `ETag`; sent as `If-None-Match`, it is answered 304 while nothing changed.
    """
    at = utc_if_given("at", as_of) or application.clock.now()
    outcome = read_account_entitlements(
        AccountKey(account), at=at, caller=caller, uow=application.units(caller.workspace)
    )
    facts, found = value_of(outcome)
    return conditional(wire_from_account(facts, found, at), held=held)


@post(
    "/accounts/{account:str}/entitlement-grants",
    opt=BILLING,
    sync_to_thread=True,
    status_code=200,
    summary="Grant by hand",
)
def grant(
    account: str, data: GrantEntitlementOrder, application: Application, caller: Caller
) -> StandingChanged:
    """Grant an account a feature over its contracts; a dry run tells what changes."""
    command = GrantEntitlement(
        account=AccountKey(account),
        grant=grant_from_order(data),
        start=utc_if_given("$.start", data.start),
        end=utc_if_given("$.end", data.end),
        reason=data.reason,
        dry_run=data.dry_run,
    )
    uow = application.units(caller.workspace)
    return value_of(grant_entitlement(command, caller=caller, uow=uow, clock=application.clock))


@post(
    "/entitlement-grants/{grant:str}/withdraw",
    opt=BILLING,
    sync_to_thread=True,
    status_code=200,
    summary="Withdraw a grant",
)
def withdraw(
    grant: str, data: EndingOrder, application: Application, caller: Caller
) -> StandingChanged:
    """End a manual grant, now or at an instant ahead."""
    command = WithdrawGrant(
        grant=grant, at=utc_if_given("$.at", data.at), reason=data.reason, dry_run=data.dry_run
    )
    uow = application.units(caller.workspace)
    return value_of(withdraw_grant(command, caller=caller, uow=uow, clock=application.clock))


@post(
    "/accounts/{account:str}/restrictions",
    opt=BILLING,
    sync_to_thread=True,
    status_code=200,
    summary="Restrict an account",
)
def restrict(
    account: str, data: RestrictionOrder, application: Application, caller: Caller
) -> StandingChanged:
    """
    Hold an account, and those below it that it pays for, to less than it is granted.

    A metered feature may be slowed: `throttle` is as in a catalog file.
    """
    throttle = None if data.throttle is None else value_of(throttle_from_document(data.throttle))
    command = RestrictAccount(
        account=AccountKey(account),
        feature=data.feature,
        limit=_number(data.limit),
        throttle=throttle,
        source=RestrictionSource(data.source),
        start=utc_if_given("$.start", data.start),
        end=utc_if_given("$.end", data.end),
        reason=data.reason,
        dry_run=data.dry_run,
    )
    uow = application.units(caller.workspace)
    return value_of(restrict_account(command, caller=caller, uow=uow, clock=application.clock))


@post(
    "/restrictions/{restriction:str}/lift",
    opt=BILLING,
    sync_to_thread=True,
    status_code=200,
    summary="Lift a restriction",
)
def lift(
    restriction: str, data: EndingOrder, application: Application, caller: Caller
) -> StandingChanged:
    """End a restriction, now or at an instant ahead."""
    command = LiftRestriction(
        restriction=restriction,
        at=utc_if_given("$.at", data.at),
        reason=data.reason,
        dry_run=data.dry_run,
    )
    uow = application.units(caller.workspace)
    return value_of(lift_restriction(command, caller=caller, uow=uow, clock=application.clock))


def _number(text: str | None) -> Decimal | None:
    if text is None:
        return None
    try:
        return parse_decimal(text)
    except Misuse:
        message = '"limit" must be a number such as "100"'
        refused: Outcome[Decimal] = refuse("wrong_value", message, "limit")
        return value_of(refused)


accounts_router = Router(
    path="/",
    route_handlers=[account_entitlements, grant, withdraw, restrict, lift],
    tags=["entitlements"],
)

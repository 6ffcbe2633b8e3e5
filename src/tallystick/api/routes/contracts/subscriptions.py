"""`/v1/subscriptions`: list, show, change, end, and take changes back."""

from __future__ import annotations

from datetime import datetime
from functools import partial
from typing import Annotated, Any

from litestar import Router, get, post
from litestar.params import Parameter

from tallystick.api.answers import value_of
from tallystick.api.authentication import needs
from tallystick.api.instants import utc_if_given
from tallystick.api.paging import Page, PageRequest
from tallystick.api.schemas import (
    AgreedAnswer,
    ChangeOrder,
    ContractChangeItem,
    EndOrder,
    EntitledItem,
    change_from_order,
    wire_from_agreed,
    wire_from_changes,
    wire_from_entitled,
)
from tallystick.app.command import Caller
from tallystick.app.keys import Scope
from tallystick.app.subscriptions import (
    AgreeChange,
    WithdrawChange,
    agree_change,
    get_subscription,
    list_subscriptions,
    subscription_entitlements,
    withdraw_change,
)
from tallystick.bootstrap.engines import Application
from tallystick.catalog import subscription_document
from tallystick.kernel import AccountKey, SubscriptionKey, refuse
from tallystick.subscriptions import Subscription, is_usable, plan_at

Document = dict[str, Any]
OWN = needs(Scope.READ, account_keys=True)
BILLING = needs(Scope.BILLING)
OnlyAccount = Annotated[AccountKey | None, Parameter(description="Only those of this account.")]

AtInstant = Annotated[
    datetime | None, Parameter(description="The instant asked for; now, unless given.")
]
InForce = Annotated[bool, Parameter(description="Name the plan that holds now as `in_force`.")]


@get("/", opt=OWN, sync_to_thread=True, summary="List subscriptions")
def subscriptions(
    application: Application,
    caller: Caller,
    page: PageRequest,
    account: OnlyAccount = None,
    in_force: InForce = False,  # noqa: FBT002 - a parameter of the query
) -> Page[Document]:
    """List subscriptions by key, as catalog files have them."""
    now = application.clock.now() if in_force else None
    uow = application.units(caller.workspace)
    found = value_of(
        list_subscriptions(caller, uow=uow, after=page.after, limit=page.limit + 1, account=account)
    )
    return page.page(found, lambda each: str(each.key), wire=partial(_shown, now=now))


@get("/{key:str}", opt=OWN, sync_to_thread=True, summary="Show a subscription")
def subscription_of_key(
    key: str,
    application: Application,
    caller: Caller,
    in_force: InForce = False,  # noqa: FBT002 - a parameter of the query
) -> Document:
    """Show one subscription as a catalog file has it."""
    uow = application.units(caller.workspace)
    found = value_of(get_subscription(SubscriptionKey(key), caller=caller, uow=uow))
    return _shown(found, now=application.clock.now() if in_force else None)


@get("/{key:str}/changes", opt=OWN, sync_to_thread=True, summary="List changes")
def changes(key: str, application: Application, caller: Caller) -> list[ContractChangeItem]:
    """List the changes that were agreed on and stand, in order of time."""
    uow = application.units(caller.workspace)
    found = value_of(get_subscription(SubscriptionKey(key), caller=caller, uow=uow))
    return wire_from_changes(found)


@get("/{key:str}/entitlements", opt=OWN, sync_to_thread=True, summary="List entitlements")
def entitlements(
    key: str,
    application: Application,
    caller: Caller,
    at: AtInstant = None,
) -> list[EntitledItem]:
    """List what the contract grants of each feature, and from which layers that follows."""
    outcome = subscription_entitlements(
        SubscriptionKey(key),
        at=utc_if_given("at", at) or application.clock.now(),
        caller=caller,
        uow=application.units(caller.workspace),
    )
    return [wire_from_entitled(each) for each in value_of(outcome)]


@post(
    "/{key:str}/changes",
    opt=BILLING,
    sync_to_thread=True,
    status_code=200,
    summary="Change a subscription",
)
def change(key: str, data: ChangeOrder, application: Application, caller: Caller) -> AgreedAnswer:
    """Agree on another plan, quantity, anchor or a pause; a dry run tells its money."""
    wanted = change_from_order(data)
    if not wanted:
        message = "name what changes: plan, quantities, add_ons, prices, paused"
        value_of(refuse("missing_field", message, "plan"))
    command = AgreeChange(
        subscription=SubscriptionKey(key),
        change=wanted,
        when=data.when,
        dry_run=data.dry_run,
        expected=data.expected_fees,
    )
    return _agreed(command, application, caller)


@post(
    "/{key:str}/end",
    opt=BILLING,
    sync_to_thread=True,
    status_code=200,
    summary="End a subscription",
)
def end(key: str, data: EndOrder, application: Application, caller: Caller) -> AgreedAnswer:
    """End a contract, now or with the period that runs."""
    command = AgreeChange(
        subscription=SubscriptionKey(key), change={}, when=data.when, dry_run=data.dry_run
    )
    return _agreed(command, application, caller)


@post(
    "/{key:str}/changes/{change:str}/withdraw",
    opt=BILLING,
    sync_to_thread=True,
    status_code=204,
    summary="Take a change back",
)
def withdraw(key: str, change: str, application: Application, caller: Caller) -> None:
    """Take back a change that has not taken effect yet."""
    outcome = withdraw_change(
        WithdrawChange(subscription=SubscriptionKey(key), id=change),
        caller=caller,
        uow=application.units(caller.workspace),
        clock=application.clock,
    )
    value_of(outcome)


def _shown(found: Subscription, *, now: datetime | None) -> Document:
    if now is None:
        return subscription_document(found)
    plan, version = plan_at(found, now)
    held = {"plan": plan, "version": version, "usable": is_usable(found, now)}
    return subscription_document(found) | {"in_force": held}


def _agreed(command: AgreeChange, application: Application, caller: Caller) -> AgreedAnswer:
    outcome = agree_change(
        command,
        caller=caller,
        uow=application.units(caller.workspace),
        sources=application.billing_sources,
    )
    return wire_from_agreed(value_of(outcome))


subscriptions_router = Router(
    path="/subscriptions",
    route_handlers=[
        subscriptions,
        subscription_of_key,
        changes,
        entitlements,
        change,
        end,
        withdraw,
    ],
    tags=["subscriptions"],
)

"""`/v1/usage-alerts`: what passed a threshold or met a limit, and what was done about it."""

from __future__ import annotations

from typing import Annotated

import msgspec
from litestar import Router, get, post
from litestar.params import QueryParameter

from tallystick.api.answers import value_of
from tallystick.api.authentication import needs
from tallystick.api.routes.quotas.alert_lists import history, history_schema, near
from tallystick.app.command import Caller
from tallystick.app.keys import Scope
from tallystick.app.usage_alerts import (
    AlertRecord,
    AlertResponse,
    RespondToAlert,
    ResponseKind,
    UsageAlert,
    list_usage_alerts,
    respond_to_alert,
)
from tallystick.bootstrap.engines import Application
from tallystick.kernel import AccountKey

PAGE_MAX = 200
Account = Annotated[str | None, QueryParameter(name="account", description="Only of this account.")]
Before = Annotated[
    int | None, QueryParameter(name="before", ge=1, description="Those before this number.")
]
Limit = Annotated[int, QueryParameter(name="limit", ge=1, le=PAGE_MAX)]


class AlertItem(msgspec.Struct, frozen=True, kw_only=True):
    """An alert, what was said of it, and whether somebody still has to look at it."""

    number: int
    alert: UsageAlert
    responses: tuple[AlertResponse, ...]
    state: str


class AlertsAnswer(msgspec.Struct, frozen=True, kw_only=True):
    """Alerts, the latest first; `next_before` is asked for the next page, null at the end."""

    items: tuple[AlertItem, ...]
    next_before: int | None


class ResponseOrder(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """What was done about an alert."""

    response: Annotated[str, msgspec.Meta(max_length=1000)] = ""


@get(
    "/",
    opt=needs(Scope.READ, account_keys=True),
    sync_to_thread=True,
    summary="List usage alerts",
)
def alerts(
    application: Application,
    caller: Caller,
    account: Account = None,
    before: Before = None,
    limit: Limit = 100,
) -> AlertsAnswer:
    """List what passed a threshold and which limits were enforced, the latest first."""
    outcome = list_usage_alerts(
        caller,
        uow=application.units(caller.workspace),
        before=before,
        limit=limit,
        account=None if account is None else AccountKey(account),
    )
    found = value_of(outcome)
    last = found[-1].number if len(found) == limit else None
    return AlertsAnswer(items=tuple(map(_item, found)), next_before=last)


@post(
    "/{alert:str}/acknowledge",
    opt=needs(Scope.QUOTA),
    sync_to_thread=True,
    status_code=200,
    summary="Acknowledge a usage alert",
)
def acknowledge(
    alert: str, data: ResponseOrder, application: Application, caller: Caller
) -> AlertResponse:
    """Say that somebody looks at it."""
    return _respond(alert, ResponseKind.ACKNOWLEDGED, data, application, caller)


@post(
    "/{alert:str}/resolve",
    opt=needs(Scope.QUOTA),
    sync_to_thread=True,
    status_code=200,
    summary="Resolve a usage alert",
)
def resolve(
    alert: str, data: ResponseOrder, application: Application, caller: Caller
) -> AlertResponse:
    """Say what was done; it is settled then."""
    return _respond(alert, ResponseKind.RESOLVED, data, application, caller)


def _respond(
    alert: str, kind: ResponseKind, data: ResponseOrder, application: Application, caller: Caller
) -> AlertResponse:
    outcome = respond_to_alert(
        RespondToAlert(id=alert, kind=kind, response=data.response),
        caller=caller,
        uow=application.units(caller.workspace),
        clock=application.clock,
    )
    return value_of(outcome)


def _item(record: AlertRecord) -> AlertItem:
    return AlertItem(
        number=record.number, alert=record.alert, responses=record.responses, state=record.state
    )


usage_alerts_router = Router(
    path="/usage-alerts",
    route_handlers=[alerts, acknowledge, resolve, history, history_schema, near],
    tags=["quotas"],
)

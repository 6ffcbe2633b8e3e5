"""`/v1/webhooks`: addresses that are told of what happens."""

from __future__ import annotations

from litestar import Router, delete, get, post

from tallystick.api.answers import value_of
from tallystick.api.authentication import needs
from tallystick.api.routes.outgoing.wire import (
    NewWebhook,
    ReplayOrder,
    WebhookAnswer,
    wire_from_webhook,
)
from tallystick.app.command import Caller
from tallystick.app.keys import Scope
from tallystick.app.webhooks import (
    AddWebhook,
    ChangedWebhook,
    ChangeWebhook,
    EnableWebhook,
    ReplayedWebhook,
    ReplayWebhook,
    add_webhook,
    change_webhook,
    enable_webhook,
    list_webhooks,
    replay_webhook,
)
from tallystick.bootstrap.engines import Application

ADMIN = needs(Scope.ADMIN)


@post("/", opt=ADMIN, sync_to_thread=True, summary="Add a webhook")
def add(data: NewWebhook, application: Application, caller: Caller) -> WebhookAnswer:
    """Add an address; its secret stands in this answer, and is not shown again."""
    outcome = add_webhook(
        AddWebhook(url=data.url, topics=data.topics, format=data.format),
        caller=caller,
        uow=application.units(caller.workspace),
        secrets=application.webhook_secrets,
        clock=application.machine_clock,
    )
    return wire_from_webhook(value_of(outcome))


@get("/", opt=ADMIN, sync_to_thread=True, summary="List webhooks")
def webhooks(application: Application, caller: Caller) -> tuple[WebhookAnswer, ...]:
    """List the addresses that are told, by id, and how they are doing; without their secrets."""
    found = value_of(list_webhooks(caller, uow=application.units(caller.workspace)))
    return tuple(wire_from_webhook(ChangedWebhook(webhook=each)) for each in found)


@post(
    "/{webhook:str}/rotate",
    opt=ADMIN,
    sync_to_thread=True,
    status_code=200,
    summary="Change the secret of a webhook",
)
def rotate(webhook: str, application: Application, caller: Caller) -> WebhookAnswer:
    """Give it another secret, shown once; for a day calls are signed with the old one too."""
    return _changed(ChangeWebhook(id=webhook), application, caller)


@delete(
    "/{webhook:str}", opt=ADMIN, sync_to_thread=True, status_code=200, summary="Remove a webhook"
)
def remove(webhook: str, application: Application, caller: Caller) -> WebhookAnswer:
    """Tell it nothing any more, not even what is on its way."""
    return _changed(ChangeWebhook(id=webhook, remove=True), application, caller)


@post(
    "/{webhook:str}/enable",
    opt=ADMIN,
    sync_to_thread=True,
    status_code=200,
    summary="Call a webhook again that was disabled",
)
def enable(webhook: str, application: Application, caller: Caller) -> WebhookAnswer:
    """Call it again; what it was not told meanwhile stands to be replayed."""
    outcome = enable_webhook(
        EnableWebhook(id=webhook),
        caller=caller,
        uow=application.units(caller.workspace),
        clock=application.machine_clock,
    )
    return wire_from_webhook(ChangedWebhook(webhook=value_of(outcome)))


@post(
    "/{webhook:str}/replay",
    opt=ADMIN,
    sync_to_thread=True,
    status_code=202,
    summary="Tell a webhook what it was not told",
)
def replay(
    webhook: str, data: ReplayOrder, application: Application, caller: Caller
) -> ReplayedWebhook:
    """Put the calls again that were given up since an instant; each once, until given up again."""
    outcome = replay_webhook(
        ReplayWebhook(id=webhook, since=data.since),
        caller=caller,
        uow=application.units(caller.workspace),
        clock=application.machine_clock,
    )
    return value_of(outcome)


def _changed(command: ChangeWebhook, application: Application, caller: Caller) -> WebhookAnswer:
    outcome = change_webhook(
        command,
        caller=caller,
        uow=application.units(caller.workspace),
        secrets=application.webhook_secrets,
        clock=application.machine_clock,
    )
    return wire_from_webhook(value_of(outcome))


webhooks_router = Router(
    path="/webhooks",
    route_handlers=[add, webhooks, rotate, enable, replay, remove],
    tags=["operation"],
)

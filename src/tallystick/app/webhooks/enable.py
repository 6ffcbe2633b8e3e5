"""Enables a webhook that was disabled, and replays what one was not told."""

from dataclasses import dataclass, replace
from datetime import datetime

import msgspec

from tallystick.app.audit import audit_record
from tallystick.app.carrying_out import Decided, Effect, as_json, carried_out
from tallystick.app.clock import Clock
from tallystick.app.command import Caller, missing_scope, remember, remembered
from tallystick.app.keys import Scope
from tallystick.app.unit_of_work import UnitOfWork
from tallystick.app.webhooks.health import WebhookHealth
from tallystick.app.webhooks.ports import Webhook
from tallystick.kernel import Done, Outcome, Refused, refuse


@dataclass(frozen=True, slots=True, kw_only=True)
class DisableWebhook:
    """What the deliverer notes: that a webhook is called no more, and why."""

    id: str
    problem: str


@dataclass(frozen=True, slots=True, kw_only=True)
class EnableWebhook:
    """Call a webhook again."""

    id: str


@dataclass(frozen=True, slots=True, kw_only=True)
class ReplayWebhook:
    """Tell a webhook what was given up at an instant or later."""

    id: str
    since: datetime


class ReplayedWebhook(msgspec.Struct, frozen=True, kw_only=True):
    """How many calls are on their way again."""

    calls: int


def enable_webhook(
    command: EnableWebhook, *, caller: Caller, uow: UnitOfWork, clock: Clock
) -> Outcome[Webhook]:
    """
    Call a webhook again; its failures until now no longer count. One that is enabled stays so.

    Problems:
        forbidden: the caller lacks the scope ``admin``.
        unknown_webhook: there is none of this id, or it was removed.
        Those of an idempotency key.
    """
    unpermitted = missing_scope(caller, Scope.ADMIN)
    if unpermitted is not None:
        return Refused((unpermitted,))
    with uow:
        told = remembered(uow, caller, command)
        if isinstance(told, Refused):
            return told
        webhook = uow.webhooks.find(command.id, hold=True)
        if webhook is None or webhook.removed_at is not None:
            return _unknown(command.id)
        if told.value is not None or webhook.disabled_at is None:
            return Done(webhook)
        begun = WebhookHealth(last_success_at=webhook.health.last_success_at)
        enabled = replace(webhook, disabled_at=None, health=begun)
        uow.webhooks.keep_health(enabled)
        subject = f"webhook:{webhook.id}"
        uow.audit.append(audit_record(caller, command, subject=subject, at=clock.now()))
        remember(uow, caller, command, webhook.id.encode())
        uow.commit()
    return Done(enabled)


def replay_webhook(
    command: ReplayWebhook, *, caller: Caller, uow: UnitOfWork, clock: Clock
) -> Outcome[ReplayedWebhook]:
    """
    Put again what a webhook was not told since an instant; each call once, until given up again.

    Problems:
        forbidden: the caller lacks the scope ``admin``.
        unknown_webhook: there is none of this id, or it was removed.
        webhook_disabled: it is not called; it would be given up again.
        Those of an idempotency key.
    """
    unpermitted = missing_scope(caller, Scope.ADMIN)
    if unpermitted is not None:
        return Refused((unpermitted,))
    now = clock.now()

    def decide() -> Decided[ReplayedWebhook]:
        webhook = uow.webhooks.find(command.id)
        if webhook is None or webhook.removed_at is not None:
            return _unknown(command.id)
        if webhook.disabled_at is not None:
            message = "the webhook is disabled; enable it first"
            return refuse("webhook_disabled", message, "id")
        count = uow.outbox.put_parked_calls(webhook.id, since=command.since, due_at=now)
        done = ReplayedWebhook(calls=count)
        return Effect(answer=done, subject=f"webhook:{webhook.id}", at=now)

    return carried_out(command, decide, caller=caller, uow=uow, kept=as_json(ReplayedWebhook))


def _unknown(id: str) -> Refused:
    return refuse("unknown_webhook", f"there is no webhook {id[:80]!r}", "id")

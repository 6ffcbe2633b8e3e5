"""What became of a call is noted with its webhook, which is disabled where calls are hopeless."""

from dataclasses import replace
from datetime import datetime

from tallystick.app.audit import audit_record
from tallystick.app.command import Caller
from tallystick.app.outbox import Message
from tallystick.app.unit_of_work import UnitOfWork
from tallystick.app.webhooks import DisableWebhook, Webhook, WebhookState
from tallystick.kernel import Outcome, Refused, derived_id, instant_text

DISABLED = "webhook.disabled"


def note_result(id: str, outcome: Outcome[None], *, at: datetime, uow: UnitOfWork) -> None:
    """
    Note whether a webhook took a call; disable it where it is gone, or failed for days.

    That it was disabled is told once: to the audit, to the log, and to other webhooks.
    """
    with uow:
        webhook = uow.webhooks.find(id, hold=True)
        if webhook is None or webhook.removed_at is not None:
            return
        noted = _noted(webhook, outcome, at)
        uow.webhooks.keep_health(noted)
        if noted.state is WebhookState.DISABLED and webhook.disabled_at is None:
            _tell(noted, at=at, uow=uow)
        uow.commit()


def _noted(webhook: Webhook, outcome: Outcome[None], at: datetime) -> Webhook:
    if not isinstance(outcome, Refused):
        return replace(webhook, health=webhook.health.taken(at))
    problem = outcome.problems[0]
    noted = replace(webhook, health=webhook.health.failed(at, problem.message))
    if problem.code == "gone" or noted.health.is_hopeless(at):
        return replace(noted, disabled_at=webhook.disabled_at or at)
    return noted


def _tell(webhook: Webhook, *, at: datetime, uow: UnitOfWork) -> None:
    caller = Caller(workspace=uow.workspace, actor="worker", scopes=frozenset())
    command = DisableWebhook(id=webhook.id, problem=webhook.health.problem)
    uow.audit.append(audit_record(caller, command, subject=f"webhook:{webhook.id}", at=at))
    since = webhook.health.failing_since or at
    uow.outbox.put(
        Message(
            workspace=uow.workspace,
            id=derived_id("disabled", webhook.id, instant_text(at)),
            topic=DISABLED,
            payload={
                "webhook": webhook.id,
                "failing_since": instant_text(since),
                "failures": webhook.health.failures,
                "problem": webhook.health.problem,
            },
            due_at=at,
        )
    )

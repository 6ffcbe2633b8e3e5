"""
Who is told next of an alert that nobody has acknowledged.

Each step is a message that waits in the outbox from the beginning, put with the alert; as it falls
due it looks whether anybody has responded, and whether the rule still has the step.  So nothing
watches open alerts, and a step is told once however its delivery is interrupted.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta

from tallystick.app.outbox import Message
from tallystick.app.unit_of_work import UnitOfWork
from tallystick.app.usage_alerts.ports import AlertRecord, UsageAlert
from tallystick.kernel import instant_text
from tallystick.thresholds import Rule

ESCALATED = "usage_alert.escalated"


def step_messages(
    alert: UsageAlert, rule: Rule, *, leaves_at: datetime, uow: UnitOfWork
) -> Iterator[Message]:
    """
    Yield the messages of a rule's steps; none in a workspace with a clock of its own.

    There every message leaves at once, and nobody could have acknowledged it.
    """
    workspace = uow.workspaces.current() if rule.steps else None
    if workspace is None or workspace.time is not None:
        return
    for number, step in enumerate(rule.steps, start=1):
        minutes = step.after // timedelta(minutes=1)
        yield Message(
            workspace=uow.workspace,
            id=f"step-{number}:{alert.id}",
            topic=ESCALATED,
            payload={
                "alertId": alert.id,
                "tenantId": alert.account,
                "resourceType": alert.feature,
                "step": number,
                "afterMinutes": minutes,
                "severity": alert.severity,
                "message": f"Not acknowledged for {minutes} minutes: {alert.message}",
                "timestamp": instant_text(alert.opened_at),
            },
            due_at=leaves_at + step.after,
            trace_id=alert.trace_id,
        )


def awaits_step(id: str, step: int, uow: UnitOfWork) -> bool:
    """Tell whether nobody has responded to an alert, and its rule has the step still."""
    record = uow.usage_alerts.load(id)
    if record is None or record.responses:
        return False
    rule = _rule_of(record, uow)
    return rule is not None and step <= len(rule.steps)


@dataclass(frozen=True, slots=True, kw_only=True)
class Recipients:
    """Whom a rule tells by e-mail, and in which language; empty: that of `/limits`, English."""

    addresses: tuple[str, ...] = ()
    language: str = ""


def recipients_of(id: str, step: int, uow: UnitOfWork) -> Recipients:
    """
    Return whom the rule of an alert tells by e-mail now, in a step; 0: of the alert itself.

    Who was taken off the rule since, or whose rule was disabled or deleted, is told no more.
    """
    record = uow.usage_alerts.load(id)
    rule = None if record is None else _rule_of(record, uow)
    if rule is None or step > len(rule.steps):
        return Recipients()
    addresses = rule.steps[step - 1].recipients if step else rule.recipients
    return Recipients(addresses=addresses, language=rule.language)


def _rule_of(record: AlertRecord, uow: UnitOfWork) -> Rule | None:
    """Return the rule by which an alert is told, if it counts now."""
    if not record.alert.rule:
        return None
    rules = {one.key: one for one in uow.catalog.load_alert_rules()}
    found = rules.get(record.alert.rule)
    return found.rule if found is not None and found.enabled else None

"""
Alerts of a rule that are told together, in one letter and one chat message.

The first alert of a group puts the message of the group, due when its time is over; the others join
it.  Who joins holds the group until the alert is committed, and who tells of it takes the group
away first: so each alert is told in one group, once, whatever is interrupted.

What is critical joins none.  Facts are not held back for groups: programs gather for themselves.
"""

from dataclasses import dataclass, replace
from datetime import datetime

import msgspec

from tallystick.app.outbox import Message
from tallystick.app.unit_of_work import UnitOfWork
from tallystick.app.usage_alerts.ports import AlertGroup, UsageAlert
from tallystick.kernel import derived_id
from tallystick.thresholds import Group, GroupBy, Rule, Severity, held_until

GROUPED = "usage_alert.grouped"


@dataclass(frozen=True, slots=True, kw_only=True)
class Opening:
    """An alert to be opened, by which rule, and when its first message may leave."""

    alert: UsageAlert
    rule: Rule
    leaves_at: datetime


def joined(one: Opening, *, uow: UnitOfWork) -> Opening:
    """
    Return an alert as one of its group, and when letters on it leave.

    Where quiet hours lie at the end of a group's time, it goes on to their end.  In a workspace
    with a clock of its own nothing waits, so nothing is gathered.
    """
    alert, rule = one.alert, one.rule
    if rule.group is None or alert.severity == Severity.CRITICAL.value:
        return one
    workspace = uow.workspaces.current()
    if workspace is None or workspace.time is not None:
        return one
    begun = _begun(alert, rule, rule.group)
    stands = uow.usage_alerts.groups.join(begun, at=alert.opened_at)
    uow.outbox.put(
        Message(
            workspace=uow.workspace,
            id=stands.id,
            topic=GROUPED,
            payload={"groupId": stands.id, "rule": rule.key},
            due_at=stands.ends_at,
            trace_id=alert.trace_id,
        )
    )
    gathered = msgspec.structs.replace(alert, group=stands.id)
    return replace(one, alert=gathered, leaves_at=stands.ends_at)


def _begun(alert: UsageAlert, rule: Rule, group: Group) -> AlertGroup:
    """Return the group that an alert begins, unless one stands."""
    account = alert.account if group.by is GroupBy.ACCOUNT else ""
    end = alert.opened_at + group.within
    return AlertGroup(
        # Of the alert, which begins one group: an id that was told is never given again.
        id=derived_id("group", rule.key, account, alert.id),
        rule=rule.key,
        account=account,
        ends_at=end if rule.quiet is None else held_until(end, rule.quiet),
    )

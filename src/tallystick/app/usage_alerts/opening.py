"""Opens alerts, each with its fact and its further steps in the outbox, in one transaction."""

from collections.abc import Sequence

from tallystick.app.facts import QuotaEnforced, UsageThresholdBreached, fact_message
from tallystick.app.unit_of_work import UnitOfWork
from tallystick.app.usage_alerts.escalating import step_messages
from tallystick.app.usage_alerts.grouping import Opening, joined
from tallystick.app.usage_alerts.ports import AlertKind, UsageAlert
from tallystick.kernel import instant_text


def open_alerts(openings: Sequence[Opening], *, uow: UnitOfWork) -> None:
    """Open alerts that are not there yet; whoever calls commits."""
    if not openings:
        return
    # In one order, since whoever begins or joins a group holds it.
    ordered = sorted(openings, key=lambda one: (one.rule.key, one.alert.account))
    by_id = {one.alert.id: (one, joined(one, uow=uow)) for one in ordered}
    for alert in uow.usage_alerts.open([told.alert for _, told in by_id.values()]):
        one, told = by_id[alert.id]
        uow.outbox.put(
            fact_message(
                _fact(alert),
                workspace=uow.workspace,
                id=alert.id,
                at=one.leaves_at,
                trace_id=alert.trace_id,
            )
        )
        steps = step_messages(alert, one.rule, leaves_at=told.leaves_at, uow=uow)
        uow.outbox.put_all([*steps])


def _fact(alert: UsageAlert) -> UsageThresholdBreached | QuotaEnforced:
    """Return the fact that is published of an alert."""
    opened = instant_text(alert.opened_at)
    if alert.kind == AlertKind.ENFORCED.value:
        return QuotaEnforced(
            tenant_id=alert.account,
            trace_id=alert.trace_id,
            resource_type=alert.feature,
            action=alert.action,
            severity=alert.severity,
            message=alert.message,
            timestamp=opened,
            alert_id=alert.id,
        )
    return UsageThresholdBreached(
        tenant_id=alert.account,
        trace_id=alert.trace_id,
        resource_type=alert.feature,
        current_usage=alert.value,
        limit=alert.limit,
        thresholds=alert.thresholds,
        percent=alert.percent,
        severity=alert.severity,
        message=alert.message,
        timestamp=opened,
        alert_id=alert.id,
        watched=alert.watched,
        currency=alert.currency,
        projected=alert.projected,
        reached_on=alert.reached_on,
    )

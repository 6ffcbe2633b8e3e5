"""Opens alerts, each with its fact and its further steps in the outbox, in one transaction."""

from collections.abc import Sequence
from datetime import datetime

import msgspec

from tallystick.app.facts import QuotaEnforced, UsageThresholdBreached, fact_message
from tallystick.app.unit_of_work import UnitOfWork
from tallystick.app.usage_alerts.escalating import step_messages
from tallystick.app.usage_alerts.grouping import Opening, joined
from tallystick.app.usage_alerts.ports import AlertKind, UsageAlert
from tallystick.catalog import AlertRule
from tallystick.kernel import AccountKey, instant_text
from tallystick.subscriptions import plan_at
from tallystick.thresholds import Rule, Severity, Watched, held_until


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


def open_anomaly(alert: UsageAlert, *, at: datetime, uow: UnitOfWork) -> datetime:
    """
    Open the alert of an anomaly by the rule that watches it; return when its fact may leave.

    Of several rules one tells: that of the account before that of a plan before that of all, of
    one place the first by key.
    """
    rule = _anomaly_rule(alert, at, uow)
    if rule is None:
        uow.usage_alerts.open([alert])
        return at
    is_held = rule.quiet is not None and alert.severity != Severity.CRITICAL.value
    leaves_at = held_until(at, rule.quiet) if is_held and rule.quiet is not None else at
    ruled = msgspec.structs.replace(alert, rule=rule.key)
    told = joined(Opening(alert=ruled, rule=rule, leaves_at=leaves_at), uow=uow)
    uow.usage_alerts.open([told.alert])
    uow.outbox.put_all([*step_messages(told.alert, rule, leaves_at=told.leaves_at, uow=uow)])
    return leaves_at


def _anomaly_rule(alert: UsageAlert, at: datetime, uow: UnitOfWork) -> Rule | None:
    rules = [one for one in uow.catalog.load_alert_rules() if one.watched is Watched.ANOMALY]
    if not rules:
        return None
    account = AccountKey(alert.account)
    plans = {
        plan_at(one, at)[0]
        for one in uow.standings.load_contracts([account])
        if one.start <= at and (one.end is None or at < one.end)
    }
    features = uow.standings.load_features([one.feature for one in rules if one.feature])

    def watches(one: AlertRule) -> bool:
        known = features.get(one.feature)
        named = {one.feature, "" if known is None else str(known.meter)}
        return one.concerns(account, plans) and (not one.feature or alert.feature in named)

    found = [one for one in rules if watches(one)]
    found.sort(key=lambda one: (one.account is None, one.plan is None, one.key))
    return found[0].rule if found else None


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

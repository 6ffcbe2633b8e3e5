"""Writing alert rules as documents; what is empty is left out."""

from collections.abc import Mapping
from datetime import timedelta

from tallystick.catalog.alerts.alert_rule import AlertRule
from tallystick.catalog.alerts.reading import DAYS
from tallystick.kernel import plain
from tallystick.thresholds import Basis, Group, QuietHours, Severity, Step, Threshold

_NAMES = {Basis.PERCENT: "percent", Basis.ABSOLUTE: "amount", Basis.PROJECTED: "projected"}


def alert_rule_document(rule: AlertRule) -> dict[str, object]:
    """Write an alert rule."""
    watch, quiet = rule.rule.watch, rule.rule.quiet
    steps, group = rule.rule.steps, rule.rule.group
    return _given(
        {
            "key": rule.key,
            "watched": watch.watched.value,
            "feature": rule.feature,
            "account": rule.account,
            "plan": rule.plan,
            "currency": rule.currency,
            "budget": None if rule.budget is None else plain(rule.budget),
            "per": None if rule.budget is None else rule.per.value,
            "over": rule.over.value if rule.is_over_tree else None,
            "thresholds": [_threshold_document(one) for one in watch.thresholds],
            "quiet_hours": None if quiet is None else _quiet_document(quiet),
            "recipients": [*rule.rule.recipients],
            "language": rule.rule.language,
            "group": None if group is None else _group_document(group),
            "escalation": [_step_document(one) for one in steps],
            "enabled": None if rule.enabled else False,
        }
    )


def _threshold_document(one: Threshold) -> dict[str, object]:
    return _given(
        {
            _NAMES[one.basis]: plain(one.amount),
            "recurring": one.recurring or None,
            "rearm_by": None if one.rearm_by is None else plain(one.rearm_by),
            "severity": None if one.severity is Severity.WARNING else one.severity.value,
        }
    )


def _group_document(group: Group) -> dict[str, object]:
    return {"minutes": group.within // timedelta(minutes=1), "by": group.by.value}


def _step_document(step: Step) -> dict[str, object]:
    minutes = step.after // timedelta(minutes=1)
    return _given({"after_minutes": minutes, "recipients": [*step.recipients]})


def _quiet_document(quiet: QuietHours) -> dict[str, object]:
    days = [DAYS[day] for day in sorted(quiet.days)]
    return _given(
        {
            "start": quiet.start.isoformat("minutes"),
            "end": quiet.end.isoformat("minutes"),
            "zone": quiet.zone,
            "days": days if len(days) < len(DAYS) else None,
        }
    )


def _given(document: Mapping[str, object]) -> dict[str, object]:
    return {name: value for name, value in document.items() if value not in (None, "", [])}

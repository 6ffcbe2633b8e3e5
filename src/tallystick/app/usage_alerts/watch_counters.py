"""
Alerts of counters, opened in the transaction that changes them.

A change that passes no threshold costs a comparison in memory.  One that may is evaluated with what
was told before; the alert, its message in the outbox and the new state are written together, so
that it is told once whatever is interrupted.
"""

from collections.abc import Sequence
from datetime import datetime
from decimal import Decimal

from tallystick.app.quotas import CounterChange, Enforced
from tallystick.app.unit_of_work import UnitOfWork
from tallystick.app.usage_alerts.grouping import Opening
from tallystick.app.usage_alerts.opening import open_alerts
from tallystick.app.usage_alerts.ports import AlertKind, UsageAlert, WatchKey
from tallystick.catalog import FeatureKind
from tallystick.kernel import EXACT, Period, derived_id, instant_text, plain
from tallystick.quotas import ALWAYS, Limit, Reason
from tallystick.thresholds import (
    Basis,
    Measure,
    Notice,
    Reading,
    Rule,
    Severity,
    Threshold,
    Watch,
    Watched,
    WatchState,
    default_watch,
    evaluate,
    gather,
    percent_of,
    tell_at,
    times_passed,
)

KNOWN_MAX = 100_000
DEFAULT = Rule(key="", watch=default_watch(Watched.USAGE))
_HUNDRED = Decimal(100)
_ACTIONS = {
    Reason.GRACE: "lets use pass for a while",
    Reason.OVERAGE: "lets use pass as overage",
    Reason.THROTTLE: "lets use pass slowly",
    Reason.LIMIT_REACHED: "refuses use",
    Reason.HARD_LIMIT: "refuses use at the hard limit",
    Reason.RATE_EXCEEDED: "refuses what comes too fast",
    Reason.RESTRICTED: "refuses use, since the account is restricted",
}


class CounterWatch:
    """Tells of thresholds that counters pass, and of limits that begin to hold."""

    def __init__(self) -> None:
        self._known: set[tuple[str, str]] = set()

    def changed(self, changes: Sequence[CounterChange], *, at: datetime, uow: UnitOfWork) -> None:
        """Evaluate the thresholds of counters that changed; called while they are locked."""
        near = {
            _key(one.limit, rule): (one, rule)
            for one in changes
            for rule in one.limit.rules or (DEFAULT,)
            if may_tell(one, rule.watch)
        }
        if not near:
            return
        states = uow.usage_alerts.states(near)
        found = {
            key: evaluate(rule.watch, states.get(key, WatchState()), _reading(one, at))
            for key, (one, rule) in near.items()
        }
        uow.usage_alerts.save_states({key: each.state for key, each in found.items()})
        told = [
            Opening(
                alert=_threshold_alert(one, rule, notice, at),
                rule=rule,
                leaves_at=tell_at(notice, at, rule.quiet),
            )
            for key, (one, rule) in near.items()
            if (notice := gather(found[key].crossings)) is not None
        ]
        open_alerts(told, uow=uow)

    def enforced(self, enforced: Sequence[Enforced], *, at: datetime, uow: UnitOfWork) -> None:
        """Tell once per counter, action and window that a limit is enforced."""
        new = [
            Opening(alert=alert, rule=DEFAULT, leaves_at=at)
            for one in enforced
            if (uow.workspace, (alert := _enforced_alert(one, at)).id) not in self._known
        ]
        open_alerts(new, uow=uow)
        if len(self._known) > KNOWN_MAX:
            self._known.clear()
        self._known |= {(uow.workspace, one.alert.id) for one in new}


def may_tell(change: CounterChange, watch: Watch) -> bool:
    """Tell whether a change can pass a threshold, or lead back behind one."""
    limit = change.limit
    if limit.kind is FeatureKind.RATE or limit.rolling is not None:
        return False
    low, high = sorted((change.before, change.after))
    return low != high and any(
        _lies_between(one, watch, limit.most, low, high) for one in watch.thresholds
    )


def _lies_between(
    one: Threshold, watch: Watch, most: Decimal | None, low: Decimal, high: Decimal
) -> bool:
    if one.basis is Basis.PROJECTED or (one.basis is Basis.PERCENT and not most):
        return False
    if one.recurring or one.rearm_by is not None:
        before, after = Measure(value=low, limit=most), Measure(value=high, limit=most)
        return any(
            times_passed(watch, one, before, back=back) < times_passed(watch, one, after, back=back)
            for back in (Decimal(0), one.rearm_by or Decimal(0))
        )
    level = one.amount
    if one.basis is Basis.PERCENT:
        level = EXACT.divide(EXACT.multiply(most or Decimal(0), one.amount), _HUNDRED)
    return low < level <= high


def _reading(change: CounterChange, at: datetime) -> Reading:
    limit = change.limit
    period = None
    if limit.end is not None:
        period = Period(start=limit.start, end=limit.end)
    return Reading(value=change.after, at=at, limit=limit.most, period=period)


def _threshold_alert(change: CounterChange, rule: Rule, notice: Notice, at: datetime) -> UsageAlert:
    limit = change.limit
    names = tuple(one.threshold.name for one in notice.crossings)
    percent = percent_of(change.after, limit.most)
    window = None if limit.start == ALWAYS else limit.start
    return UsageAlert(
        id=_threshold_id(change, rule, names, at),
        account=str(limit.holder),
        feature=limit.feature,
        kind=AlertKind.THRESHOLD.value,
        severity=notice.severity.value,
        message=_said(change, rule, notice),
        opened_at=at,
        thresholds=names,
        value=plain(change.after),
        limit=None if limit.most is None else plain(limit.most),
        percent=None if percent is None else str(percent),
        starts_at=window,
        ends_at=limit.end,
        trace_id=change.trace_id,
        rule=rule.key,
    )


def _threshold_id(change: CounterChange, rule: Rule, names: Sequence[str], at: datetime) -> str:
    """Return an id; what recurs or may tell again does so at another value or time."""
    limit = change.limit
    window = None if limit.start == ALWAYS else limit.start
    if not rule.key:
        return _id(AlertKind.THRESHOLD, limit, window or at, *names)
    return _id(AlertKind.THRESHOLD, limit, at, rule.key, plain(change.after), *names)


def _said(change: CounterChange, rule: Rule, notice: Notice) -> str:
    limit = change.limit
    percent = percent_of(change.after, limit.most)
    if rule.key:
        names = ", ".join(one.threshold.name for one in notice.crossings)
        share = "" if percent is None else f", {percent} % of the limit"
        return f"Usage of {limit.feature} at {plain(change.after)}{share}: passed {names}."
    reached = notice.severity is Severity.CRITICAL
    end = "the limit is reached" if reached else "approaching the limit"
    return f"Usage of {limit.feature} at {percent} %: {end}."


def _enforced_alert(one: Enforced, at: datetime) -> UsageAlert:
    limit = one.limit
    window = None if limit.start == ALWAYS else limit.start
    since = window or at.replace(hour=0, minute=0, second=0, microsecond=0)
    return UsageAlert(
        id=_id(AlertKind.ENFORCED, limit, since, one.reason.value),
        account=str(limit.holder),
        feature=limit.feature,
        kind=AlertKind.ENFORCED.value,
        severity=Severity.CRITICAL.value,
        message=f"The limit of {limit.feature} {_ACTIONS[one.reason]}.",
        opened_at=at,
        action=one.reason.value,
        limit=None if limit.most is None else plain(limit.most),
        starts_at=window,
        ends_at=limit.end,
        trace_id=one.trace_id,
        notifies=limit.overage is None or limit.overage.notify,
    )


def _id(kind: AlertKind, limit: Limit, since: datetime, *parts: str) -> str:
    return derived_id(
        "alert", kind.value, str(limit.holder), limit.feature, instant_text(since), *parts
    )


def _key(limit: Limit, rule: Rule) -> WatchKey:
    return str(limit.holder), limit.feature, rule.key

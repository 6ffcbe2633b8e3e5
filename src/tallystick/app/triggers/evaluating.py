"""`usage_threshold_approaching`: evaluate, tell what was passed, offer the plan that is named."""

from collections.abc import Mapping
from datetime import datetime
from decimal import Decimal

import msgspec

from tallystick.app.outbox import Message
from tallystick.app.quotas import CounterChange, KnownLimit, counter_key, counters_now
from tallystick.app.triggers.asked import ThresholdApproaching
from tallystick.app.triggers.offered import OFFERED, UpgradeOffered
from tallystick.app.triggers.started import Ended, Started
from tallystick.app.unit_of_work import UnitOfWork
from tallystick.app.usage_alerts import AlertKind, UsageAlert
from tallystick.catalog import FeatureKind
from tallystick.kernel import Done, Outcome, Refused, plain, refuse
from tallystick.quotas import ALWAYS, Limit
from tallystick.thresholds import percent_of

_LATEST = 50


def evaluate_usage(started: Started, asked: ThresholdApproaching) -> Outcome[Ended]:
    """
    Compare what stands against the limit with its thresholds, and tell what was passed.

    A threshold that was told in this window before is not told again.  The upgrade that the
    feature's overage names is offered once somebody was told.

    Problems:
        unknown_limit: the account has no limit of the feature, or one of a rate.
    """
    at = started.at
    with started.unit() as uow:
        found = _limit(started, asked, at, uow)
        if isinstance(found, Refused):
            return found
        known = found.value
        used = _used(started, known, at, uow)
        change = CounterChange(
            limit=known.limit, before=Decimal(0), after=used, trace_id=started.trigger.trace_id
        )
        started.doors.desks.watching.changed([change], at=at, uow=uow)
        alert = _latest_alert(known.limit, uow)
        uow.commit()
    told = {"tenantId": asked.tenant_id, **_told(known.limit, used, alert)}
    offered = None if told["offer"] is None else _offer(started, told)
    return Done(Ended(told=told, close=lambda uow: _put(offered, uow)))


def _limit(
    started: Started, asked: ThresholdApproaching, at: datetime, uow: UnitOfWork
) -> Outcome[KnownLimit]:
    account, limits = asked.tenant_id, started.doors.desks.recount.known
    known = limits.look_up([account], at=at, uow=uow)[account].limits.get(asked.resource_type)
    if known is None or not known.limit.most or known.limit.kind is FeatureKind.RATE:
        message = f"account {account} has no limit of {asked.resource_type} that fills up"
        return refuse("unknown_limit", message, "resourceType")
    return Done(known)


def _used(started: Started, known: KnownLimit, at: datetime, uow: UnitOfWork) -> Decimal:
    key, limit = counter_key(known.limit), known.limit
    counters = counters_now({key: known}, at=at, uow=uow, recount=started.doors.desks.recount)
    if key not in counters:
        return Decimal(0)
    tally = counters[key].tally
    return tally.used if limit.rolling is None else tally.recent.used(at, limit.rolling)


def _latest_alert(limit: Limit, uow: UnitOfWork) -> UsageAlert | None:
    """Return what was told last of the limit's thresholds in its window."""
    window = None if limit.start == ALWAYS else limit.start
    for record in uow.usage_alerts.page(before=None, limit=_LATEST, account=limit.holder):
        one = record.alert
        is_threshold = one.kind == AlertKind.THRESHOLD.value
        if is_threshold and (one.feature, one.starts_at) == (limit.feature, window):
            return one
    return None


def _told(limit: Limit, used: Decimal, alert: UsageAlert | None) -> dict[str, str | None]:
    percent = percent_of(used, limit.most)
    policy = limit.overage
    upgrade = "" if policy is None else policy.upgrade_to
    return {
        "resourceType": limit.feature,
        "used": plain(used),
        "limit": None if limit.most is None else plain(limit.most),
        "percent": None if percent is None else str(percent),
        "alert": None if alert is None else alert.id,
        "offer": upgrade if upgrade and alert is not None else None,
    }


def _offer(started: Started, told: Mapping[str, str | None]) -> Message:
    trace = started.trigger.trace_id
    said = {name: told[name] or "" for name in ("used", "limit", "percent")}
    offered = UpgradeOffered(
        tenant_id=told["tenantId"] or "",
        resource_type=told["resourceType"] or "",
        plan=told["offer"] or "",
        trace_id=trace,
        **said,
    )
    return Message(
        workspace=started.caller.workspace,
        id=started.id("offered"),
        topic=OFFERED,
        payload=msgspec.to_builtins(offered),
        due_at=started.at,
        trace_id=trace,
    )


def _put(message: Message | None, uow: UnitOfWork) -> None:
    if message is not None:
        uow.outbox.put(message)

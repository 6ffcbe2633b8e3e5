"""What the page about limits shows: how much of each is used, and what was told of them."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal

from tallystick.app.command import Caller
from tallystick.app.usage_alerts import (
    AlertRecord,
    NearLimit,
    NearQuestion,
    list_near_limits,
    list_usage_alerts,
)
from tallystick.bootstrap.engines import Application
from tallystick.kernel import Done, Outcome, Refused, counted, plain
from tallystick.web.figures import age_text, grouped

SHOWN_MAX = 200
ALERTS_MAX = 50
_ALL, _NEAR, _REACHED = Decimal(0), Decimal(80), Decimal(100)


@dataclass(frozen=True, slots=True, kw_only=True)
class LimitRow:
    """A limit: whose, of what, how much of it is used, in words and in hundredths of the bar."""

    account: str
    feature: str
    used: str
    percent: str
    filled: str
    level: str
    resets: str


@dataclass(frozen=True, slots=True, kw_only=True)
class AlertRow:
    """What was told, when, and what people did about it."""

    message: str
    account: str
    severity: str
    state: str
    response: str
    age: str


@dataclass(frozen=True, slots=True, kw_only=True)
class LimitsView:
    """The page's parts; ``note`` says which limits are left out."""

    limits: tuple[LimitRow, ...]
    alerts: tuple[AlertRow, ...]
    note: str


def read_limits(application: Application, caller: Caller) -> Outcome[LimitsView]:
    """
    Return the limits of a workspace or account, the fullest first, and its latest alerts.

    Where there are more limits than a page shows, those are left out of which little is used.

    Problems:
        forbidden: the caller may not read.
    """
    now = application.at(caller.workspace).clock.now()

    def used(percent: Decimal) -> Outcome[tuple[tuple[NearLimit, ...], bool]]:
        asked = NearQuestion(percent=percent, at=now, limit=SHOWN_MAX)
        known = application.quotas.desks.recount.known
        found = list_near_limits(
            asked, caller=caller, uow=application.units(caller.workspace), known=known
        )
        if isinstance(found, Refused):
            return found
        return Done((found.value.items, found.value.after is None))

    shown, note = used(_ALL), ""
    if isinstance(shown, Done) and not shown.value[1]:
        shown, note = used(_NEAR), f"Shown are limits of which at least {_NEAR} % is used."
    if isinstance(shown, Refused):
        return shown
    alerts = list_usage_alerts(caller, uow=application.units(caller.workspace), limit=ALERTS_MAX)
    if isinstance(alerts, Refused):
        return alerts
    return Done(limits_view(shown.value[0], alerts.value, at=now, note=note))


def limits_view(
    limits: Sequence[NearLimit], alerts: Sequence[AlertRecord], *, at: datetime, note: str = ""
) -> LimitsView:
    """Return the page's texts."""
    fullest = sorted(limits, key=lambda one: (-one.percent, one.account, one.feature))
    return LimitsView(
        limits=tuple(_limit_row(one, at) for one in fullest),
        alerts=tuple(_alert_row(one, at) for one in alerts),
        note=note,
    )


def _limit_row(one: NearLimit, at: datetime) -> LimitRow:
    level = "full" if one.percent >= _REACHED else "near" if one.percent >= _NEAR else "calm"
    days = None if one.ends_at is None else max(0, (one.ends_at - at).days)
    return LimitRow(
        account=one.account,
        feature=one.feature,
        used=f"{grouped(plain(one.used))} of {grouped(plain(one.limit))}",
        percent=f"{one.percent} %",
        filled=plain(min(one.percent, _REACHED)),
        level=level,
        resets="" if days is None else f"in {counted(str(days), 'day')}" if days else "today",
    )


def _alert_row(record: AlertRecord, at: datetime) -> AlertRow:
    alert = record.alert
    return AlertRow(
        message=alert.message,
        account=alert.account,
        severity=alert.severity,
        state=record.state,
        response=record.responses[-1].response if record.responses else "",
        age=age_text(alert.opened_at, at),
    )

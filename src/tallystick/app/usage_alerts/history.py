"""The document `alert-history`: what was told in a period, and what people did about it."""

from collections.abc import Mapping
from datetime import datetime

import msgspec

from tallystick.app.command import Caller, account_seen, missing_scope
from tallystick.app.keys import Scope
from tallystick.app.unit_of_work import UnitOfWork
from tallystick.app.usage_alerts.ports import AlertRecord, AlertResponse, UsageAlert
from tallystick.kernel import AccountKey, Done, Outcome, Period, Refused, refuse

HISTORY_ALERTS_MAX = 10_000
SCHEMA = "https://json-schema.org/draft/2020-12/schema"


class HistoryPeriod(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Of which instants alerts are told: from the first one on, before the second."""

    start: datetime
    end: datetime


class HistoryAlert(
    UsageAlert, frozen=True, kw_only=True, omit_defaults=True, forbid_unknown_fields=True
):
    """An alert, whether it is `open`, `acknowledged` or `resolved`, and what was said of it."""

    state: str
    responses: tuple[AlertResponse, ...]


class AlertHistory(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """
    Alerts that were opened in a period, in order, with all responses until now.

    Attributes:
        account: whose alerts these are; null: those of all.
    """

    period: HistoryPeriod
    account: str | None
    alerts: tuple[HistoryAlert, ...]


def read_alert_history(
    period: tuple[datetime, datetime],
    *,
    caller: Caller,
    uow: UnitOfWork,
    account: AccountKey | None = None,
) -> Outcome[AlertHistory]:
    """
    Return what was told from one instant until before another.

    Problems:
        forbidden: the caller lacks the scope ``read``.
        not_found: another account than the caller's.
        wrong_value: the end is not behind the start.
        too_many: the period has more than `HISTORY_ALERTS_MAX` alerts.
    """
    unpermitted = missing_scope(caller, Scope.READ)
    if unpermitted is not None:
        return Refused((unpermitted,))
    seen = account_seen(caller, account)
    if isinstance(seen, Refused):
        return seen
    start, end = period
    if end <= start:
        return refuse("wrong_value", "the end of a period lies behind its start", "end")
    asked = Period(start=start, end=end)
    with uow:
        found = uow.usage_alerts.opened(asked, limit=HISTORY_ALERTS_MAX + 1, account=seen.value)
    if len(found) > HISTORY_ALERTS_MAX:
        message = f"a history has {HISTORY_ALERTS_MAX} alerts at most; ask for a shorter period"
        return refuse("too_many", message, "end")
    return Done(
        AlertHistory(
            period=HistoryPeriod(start=start, end=end),
            account=seen.value,
            alerts=tuple(_told(record) for record in found),
        )
    )


def history_schema() -> Mapping[str, object]:
    """Return the JSON Schema of the document."""
    return {"$schema": SCHEMA, "title": "alert-history", **msgspec.json.schema(AlertHistory)}


def _told(record: AlertRecord) -> HistoryAlert:
    alert = msgspec.structs.asdict(record.alert)
    return HistoryAlert(**alert, state=record.state, responses=record.responses)

"""`/v1/usage-alerts/history` and `/near`: what was told, and who is near a limit now."""

from __future__ import annotations

from datetime import datetime
from decimal import Decimal
from typing import Annotated, Any

import msgspec
from litestar import get
from litestar.params import QueryParameter

from tallystick.api.answers import value_of
from tallystick.api.authentication import needs
from tallystick.api.instants import utc
from tallystick.api.paging import Page, PageRequest
from tallystick.app.command import Caller
from tallystick.app.keys import Scope
from tallystick.app.quotas import CounterKey
from tallystick.app.usage_alerts import (
    AlertHistory,
    NearLimit,
    NearQuestion,
    list_near_limits,
    read_alert_history,
)
from tallystick.app.usage_alerts import history_schema as schema_of_history
from tallystick.bootstrap.engines import Application
from tallystick.kernel import AccountKey, plain

Start = Annotated[datetime, QueryParameter(name="start", description="First instant.")]
End = Annotated[datetime, QueryParameter(name="end", description="The instant behind the last.")]
Account = Annotated[str | None, QueryParameter(name="account", description="Only of this account.")]
Percent = Annotated[
    int, QueryParameter(name="percent", ge=1, le=1000, description="Of the limit, from which on.")
]


class NearItem(msgspec.Struct, frozen=True, kw_only=True):
    """What stands against a limit: exact texts; the share of it in percent, one decimal."""

    account: str
    feature: str
    used: str
    limit: str
    percent: str
    starts_at: datetime | None
    ends_at: datetime | None


@get(
    "/history",
    opt=needs(Scope.READ, account_keys=True),
    sync_to_thread=True,
    summary="Tell the history of usage alerts",
)
def history(
    application: Application, caller: Caller, start: Start, end: End, account: Account = None
) -> AlertHistory:
    """Tell the alerts of a period in order, 10,000 at most, with what was done about each."""
    outcome = read_alert_history(
        (utc("start", start), utc("end", end)),
        caller=caller,
        uow=application.units(caller.workspace),
        account=None if account is None else AccountKey(account),
    )
    return value_of(outcome)


@get(
    "/history/schema",
    opt=needs(Scope.READ, account_keys=True),
    sync_to_thread=False,
    summary="Show the JSON Schema of the history",
)
def history_schema() -> dict[str, Any]:
    """Show what the history of alerts looks like."""
    return dict(schema_of_history())


@get(
    "/near",
    opt=needs(Scope.READ, account_keys=True),
    sync_to_thread=True,
    summary="List accounts near a limit",
)
def near(
    application: Application,
    caller: Caller,
    page: PageRequest,
    percent: Percent = 80,
    account: Account = None,
) -> Page[NearItem]:
    """
    List limits of which so much is used now, by account and feature.

    A page may be shorter than asked, even empty; the last one has no `next_cursor`.
    """
    question = NearQuestion(
        percent=Decimal(percent),
        at=application.clock.now(),
        after=_key(page.after),
        limit=page.limit,
        account=None if account is None else AccountKey(account),
    )
    outcome = list_near_limits(
        question,
        caller=caller,
        uow=application.units(caller.workspace),
        known=application.quotas.desks.recount.known,
    )
    found = value_of(outcome)
    last = "" if found.after is None else msgspec.json.encode(found.after).decode()
    sealed = page.cursors.seal(last, scope=page.scope) if last else ""
    return Page(items=tuple(map(_item, found.items)), next_cursor=sealed)


def _key(after: str) -> CounterKey | None:
    return msgspec.json.decode(after, type=CounterKey) if after else None


def _item(one: NearLimit) -> NearItem:
    return NearItem(
        account=one.account,
        feature=one.feature,
        used=plain(one.used),
        limit=plain(one.limit),
        percent=str(one.percent),
        starts_at=one.starts_at,
        ends_at=one.ends_at,
    )

"""`/v1/accounts/{account}/usage-report` and its schema."""

from __future__ import annotations

from datetime import date
from typing import Annotated, Any

import msgspec
from litestar import Response, Router, get
from litestar.params import QueryParameter

from tallystick.api.answers import value_of
from tallystick.api.authentication import needs
from tallystick.app.command import Caller
from tallystick.app.documents import AskedReport, MetricsSources, read_usage_report
from tallystick.app.keys import Scope
from tallystick.bootstrap.engines import Application
from tallystick.integrations.charts import daily_spec
from tallystick.kernel import AccountKey, MeterKey
from tallystick.reports import MeterReport, UsageReport, usage_report_schema

# Numbers go out as they are written, never through a binary float.
_encoder = msgspec.json.Encoder(decimal_format="number")
OWN = needs(Scope.READ, account_keys=True)
First = Annotated[
    date | None,
    QueryParameter(name="start", description="First day; else the first of this month."),
]
Last = Annotated[
    date | None, QueryParameter(name="end", description="Last day, inclusive; else today.")
]
Meters = Annotated[
    str,
    QueryParameter(
        name="meters",
        description="Keys of 20 meters at most, with commas; else those of the account's features.",
        max_length=2_000,
    ),
]


@get(
    "/accounts/{account:str}/usage-report",
    opt=OWN,
    sync_to_thread=True,
    summary="Usage report of an account",
)
def account_usage_report(  # noqa: PLR0913 - each is a parameter of the query string
    account: str,
    application: Application,
    caller: Caller,
    *,
    start: First = None,
    end: Last = None,
    meters: Meters = "",
) -> Response[UsageReport]:
    """Tell what an account used on which days, by dimension, where it goes, and as charts."""
    asked = AskedReport(
        account=AccountKey(account),
        first=start,
        last=end,
        meters=tuple(MeterKey(one.strip()) for one in meters.split(",") if one.strip()),
    )
    sources = MetricsSources(
        uow=application.units(caller.workspace),
        usage=application.usage,
        billing=application.billing_sources,
    )
    found = value_of(read_usage_report(asked, caller=caller, sources=sources))
    drawn = msgspec.structs.replace(found, meters=tuple(_drawn(one) for one in found.meters))
    content: Any = _encoder.encode(drawn)
    return Response(content, media_type="application/json")


@get(
    "/schemas/usage-report",
    opt=OWN,
    sync_to_thread=False,
    summary="The schema of usage reports",
)
def usage_report_document_schema() -> dict[str, Any]:
    """Give the JSON Schema (draft 2020-12) of usage reports."""
    return dict(usage_report_schema())


def _drawn(one: MeterReport) -> MeterReport:
    days = [(each.day, each.quantity) for each in one.days]
    return msgspec.structs.replace(one, chart=daily_spec(days, is_level=not one.adds))


report_router = Router(
    path="/",
    route_handlers=[account_usage_report, usage_report_document_schema],
    tags=["entitlements"],
)

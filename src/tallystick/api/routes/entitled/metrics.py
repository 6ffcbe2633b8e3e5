"""`/v1/accounts/{account}/usage-metrics` and its schema."""

from __future__ import annotations

from typing import Any

import msgspec
from litestar import Response, Router, get

from tallystick.api.answers import value_of
from tallystick.api.authentication import needs
from tallystick.app.command import Caller
from tallystick.app.documents import MetricsSources, read_usage_metrics
from tallystick.app.keys import Scope
from tallystick.bootstrap.engines import Application
from tallystick.kernel import AccountKey
from tallystick.reports import UsageMetrics, usage_metrics_schema, usage_metrics_text

# Numbers go out as they are written: 2499.00, never through a binary float.
_encoder = msgspec.json.Encoder(decimal_format="number")
OWN = needs(Scope.READ, account_keys=True)


class UsageMetricsAnswer(msgspec.Struct, frozen=True, kw_only=True):
    """`metrics` is as `GET /v1/schemas/usage-metrics` describes it, `text` the same as YAML."""

    metrics: UsageMetrics
    text: str


@get(
    "/accounts/{account:str}/usage-metrics",
    opt=OWN,
    sync_to_thread=True,
    summary="Usage metrics of an account",
)
def account_usage_metrics(
    account: str, application: Application, caller: Caller
) -> Response[UsageMetricsAnswer]:
    """Tell what an account used of its limits this period, where it goes, what it costs."""
    sources = MetricsSources(
        uow=application.units(caller.workspace),
        usage=application.usage,
        billing=application.billing_sources,
    )
    found = value_of(read_usage_metrics(AccountKey(account), caller=caller, sources=sources))
    answer = UsageMetricsAnswer(metrics=found, text=usage_metrics_text(found))
    content: Any = _encoder.encode(answer)
    return Response(content, media_type="application/json")


@get(
    "/schemas/usage-metrics",
    opt=OWN,
    sync_to_thread=False,
    summary="The schema of usage metrics",
)
def usage_metrics_document_schema() -> dict[str, Any]:
    """Give the JSON Schema (draft 2020-12) of usage metrics."""
    return dict(usage_metrics_schema())


metrics_router = Router(
    path="/",
    route_handlers=[account_usage_metrics, usage_metrics_document_schema],
    tags=["entitlements"],
)

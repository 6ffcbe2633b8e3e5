"""The HTTP application: routes, error handlers and the edge around them, over one `Application`."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Sequence
from typing import Any

from litestar import Litestar, Request, Router, asgi
from litestar.di import Provide
from litestar.handlers import ASGIRouteHandler, BaseRouteHandler
from litestar.openapi import OpenAPIConfig
from litestar.types import ASGIApp, ControllerRouterHandler, Receive, Scope, Send

from tallystick.api.access_log import json_log
from tallystick.api.authentication import AnyConnection, Gatekeeper
from tallystick.api.cursors import Cursors
from tallystick.api.docs import docs, docs_asset, openapi
from tallystick.api.edge import Edge
from tallystick.api.errors import error_handlers
from tallystick.api.keyring import KeyRing
from tallystick.api.metrics import Metrics
from tallystick.api.paging import page_provider
from tallystick.api.rates import Buckets, RateLimit
from tallystick.api.routes.alerts import alerts
from tallystick.api.routes.audit import audit
from tallystick.api.routes.backfills import backfills_router
from tallystick.api.routes.bookkeeping import (
    journal_router,
    price_series_router,
    rates_router,
)
from tallystick.api.routes.catalog import catalog_router
from tallystick.api.routes.contracts import contracts_router
from tallystick.api.routes.corrections import amend_events, corrections, reaches, void_events
from tallystick.api.routes.credits import credits_router
from tallystick.api.routes.dead_letters import dead_letters_router
from tallystick.api.routes.documents import (
    disputes_router,
    drafts_router,
    invoices_router,
    notes_router,
    payments_router,
    runs_router,
    selling_router,
)
from tallystick.api.routes.entitled import entitled_router
from tallystick.api.routes.events import EventsEndpoint
from tallystick.api.routes.feeds import feeds_router
from tallystick.api.routes.health import exposition, healthz, readyz
from tallystick.api.routes.keys import keys, make_key, revoke
from tallystick.api.routes.outgoing import outgoing_router
from tallystick.api.routes.pipeline import pipeline
from tallystick.api.routes.quotas import (
    QuotaEndpoint,
    alerts_router,
    anomalies_router,
    compare,
    quota_usage,
)
from tallystick.api.routes.receivers import Receivers
from tallystick.api.routes.reconciliations import reconciliations_router
from tallystick.api.routes.retention import personal_router, retention_router
from tallystick.api.routes.sources import sequences_router, sources_router
from tallystick.api.routes.tax import tax_router
from tallystick.api.routes.tracing import trace, trace_named
from tallystick.api.routes.triggers import triggers_router
from tallystick.api.routes.uncounted import unattributed, unmeterable
from tallystick.api.routes.usage import usage
from tallystick.api.routes.usage_query import usage_query
from tallystick.api.routes.usage_stream import usage_stream
from tallystick.api.routes.workspaces import clock_router, workspaces_router
from tallystick.api.running import RunsUnderWay
from tallystick.api.strict_request import BODY_BYTES_MAX, StrictRequest, refuse_unknown_parameters
from tallystick.api.usage import UsageStreams
from tallystick.app.command import Caller
from tallystick.bootstrap.engines import Application

# Single events at full speed are many requests; what bounds ingest is the gate, not this.
INGEST_FACTOR = 100
BURST_SECONDS = 2
DESCRIPTION = (
    "Usage metering and billing. Every address under `/v1` needs a key: "
    "`Authorization: Bearer ts_...`. Errors are problem documents (RFC 9457) with a stable `code`."
)


def create_app(
    application: Application,
    *,
    pages: Sequence[ControllerRouterHandler] = (),
    stopping: asyncio.Event | None = None,
) -> Litestar:
    """
    Return the ASGI application.

    Args:
        application: the wired engines and use cases.
        pages: routes of the web package; `api` and `web` do not import each other.
        stopping: set when the server is to stop: open streams end then, which it waits for.
    """
    log = json_log(level=logging.getLevelNamesMapping()[application.settings.log_level.upper()])
    metrics = Metrics()
    gatekeeper = create_gatekeeper(application)
    backfill_of = application.known_corrections.backfill
    events = EventsEndpoint(application.gate, gatekeeper, metrics, backfill_of=backfill_of)
    decisions = QuotaEndpoint(application.quotas, gatekeeper)
    streams = UsageStreams(application, stopping=stopping or asyncio.Event())
    app = Litestar(
        route_handlers=[
            healthz,
            readyz,
            exposition,
            openapi,
            docs,
            docs_asset,
            _events_route(events),
            _decisions_route(decisions),
            *_receiver_routes(Receivers(application=application, events=events)),
            _versioned(gatekeeper),
            *pages,
        ],
        dependencies=_dependencies(application, gatekeeper, metrics, streams),
        exception_handlers=error_handlers(log),
        openapi_config=OpenAPIConfig(
            title="Tallystick", version="1", description=DESCRIPTION, render_plugins=[], path="/-"
        ),
        request_max_body_size=BODY_BYTES_MAX,
        logging_config=None,
        debug=False,
    )
    direct: dict[str, ASGIApp] = {"/v1/events": events, **dict.fromkeys(decisions.paths, decisions)}
    app.asgi_handler = Edge(app.asgi_handler, direct=direct, metrics=metrics, log=log)
    return app


def create_gatekeeper(application: Application) -> Gatekeeper:
    """Return what admits requests, with rates from the settings."""
    rate = application.settings.requests_per_second
    ingest = rate * INGEST_FACTOR
    return Gatekeeper(
        KeyRing(application.look_up_key, now=application.machine_clock.now),
        requests=Buckets(RateLimit(per_second=rate, burst=rate * BURST_SECONDS)),
        ingest=Buckets(RateLimit(per_second=ingest, burst=ingest * BURST_SECONDS)),
    )


def _versioned(gatekeeper: Gatekeeper) -> Router:
    async def admit(connection: AnyConnection, handler: BaseRouteHandler) -> None:
        # A function, not the bound method: the router copies its guards with all they hold.
        await gatekeeper.admit(connection, handler)

    return Router(
        path="/v1",
        route_handlers=[
            keys,
            make_key,
            revoke,
            audit,
            dead_letters_router,
            trace,
            trace_named,
            unattributed,
            unmeterable,
            void_events,
            amend_events,
            corrections,
            reaches,
            backfills_router,
            usage,
            usage_query,
            usage_stream,
            quota_usage,
            compare,
            anomalies_router,
            alerts_router,
            pipeline,
            alerts,
            reconciliations_router,
            journal_router,
            rates_router,
            price_series_router,
            catalog_router,
            contracts_router,
            invoices_router,
            runs_router,
            outgoing_router,
            triggers_router,
            feeds_router,
            notes_router,
            drafts_router,
            selling_router,
            disputes_router,
            payments_router,
            credits_router,
            entitled_router,
            retention_router,
            personal_router,
            sequences_router,
            sources_router,
            tax_router,
            clock_router,
            workspaces_router,
        ],
        guards=[admit],
        request_class=StrictRequest,
        before_request=refuse_unknown_parameters,
    )


def _events_route(endpoint: EventsEndpoint) -> ASGIRouteHandler:
    @asgi("/v1/events", copy_scope=False)
    async def take_events(scope: Scope, receive: Receive, send: Send) -> None:
        await endpoint(scope, receive, send)

    return take_events


def _decisions_route(endpoint: QuotaEndpoint) -> ASGIRouteHandler:
    @asgi(list(endpoint.paths), copy_scope=False)
    async def decide(scope: Scope, receive: Receive, send: Send) -> None:
        await endpoint(scope, receive, send)

    return decide


def _receiver_routes(receivers: Receivers) -> tuple[ASGIRouteHandler, ...]:
    @asgi("/v1/otlp/v1/metrics", copy_scope=False)
    async def take_otlp(scope: Scope, receive: Receive, send: Send) -> None:
        await receivers.otlp(scope, receive, send)

    @asgi("/v1/prometheus/write", copy_scope=False)
    async def take_samples(scope: Scope, receive: Receive, send: Send) -> None:
        await receivers.prometheus(scope, receive, send)

    return take_otlp, take_samples


def _dependencies(
    application: Application, gatekeeper: Gatekeeper, metrics: Metrics, streams: UsageStreams
) -> dict[str, Provide]:
    runs = RunsUnderWay()

    def caller(request: Request[Any, Any, Any]) -> Caller:
        admitted: Caller = request.scope["state"]["caller"]
        return admitted

    def seen(request: Request[Any, Any, Any]) -> Application:
        """Return the application by the clock of the caller's workspace, if anybody calls."""
        admitted: Caller | None = request.scope["state"].get("caller")
        return application if admitted is None else application.at(admitted.workspace)

    return {
        "application": Provide(seen, sync_to_thread=False),
        "gatekeeper": Provide(lambda: gatekeeper, sync_to_thread=False),
        "metrics": Provide(lambda: metrics, sync_to_thread=False),
        "runs": Provide(lambda: runs, sync_to_thread=False),
        "streams": Provide(lambda: streams, sync_to_thread=False),
        "caller": Provide(caller, sync_to_thread=False),
        "page": Provide(page_provider(Cursors()), sync_to_thread=False),
    }

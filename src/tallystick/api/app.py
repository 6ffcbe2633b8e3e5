"""The HTTP application: routes, error handlers and the edge around them, over one wired `Application`."""

from __future__ import annotations

from typing import TYPE_CHECKING

from litestar import Litestar
from litestar.openapi import OpenAPIConfig

from tallystick.api.access_log import json_log
from tallystick.api.edge import Edge
from tallystick.api.errors import error_handlers
from tallystick.api.health import health_routes
from tallystick.api.metrics import Metrics

if TYPE_CHECKING:
    from collections.abc import Sequence

    from litestar.types import ControllerRouterHandler

    from tallystick.bootstrap import Application

BODY_BYTES_MAX = 1024 * 1024


def create_app(application: Application, *, pages: Sequence[ControllerRouterHandler] = ()) -> Litestar:
    """Return the ASGI application.

    Args:
        application: the wired engines and use cases.
        pages: routes of the web package (`api` and `web` do not import each other; who serves both joins them).
    """
    log = json_log()
    metrics = Metrics()
    app = Litestar(
        route_handlers=[*health_routes(metrics), *pages],
        exception_handlers=error_handlers(log),
        openapi_config=OpenAPIConfig(title="Tallystick", version="1", path="/openapi"),
        request_max_body_size=BODY_BYTES_MAX,
        logging_config=None,
        debug=False,
    )
    app.state.application = application
    app.asgi_handler = Edge(app.asgi_handler, metrics=metrics, log=log)
    return app

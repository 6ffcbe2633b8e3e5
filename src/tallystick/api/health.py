"""Whether the process runs (`/healthz`), whether it can serve (`/readyz`), and how it does (`/metrics`).

`/healthz` asks nothing of the engines: a supervisor that restarts a process because PostgreSQL is away would
only make it worse.  `/readyz` asks each part and answers 503 when one of them fails, so that a load balancer
sends traffic elsewhere.  None of the three needs a key, and none of them names an address or a version.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from litestar import Response, get

from tallystick.api.metrics import TEXT_FORMAT

if TYPE_CHECKING:
    from litestar.handlers import HTTPRouteHandler

    from tallystick.api.metrics import Metrics

PUBLIC = {"public": True}


def health_routes(metrics: Metrics) -> list[HTTPRouteHandler]:
    """Return the routes an operator's machinery calls."""

    @get("/healthz", sync_to_thread=False, opt=PUBLIC, tags=["operation"], summary="The process runs")
    def healthz() -> dict[str, str]:
        return {"status": "ok"}

    @get("/metrics", sync_to_thread=True, opt=PUBLIC, include_in_schema=False)
    def exposition() -> Response[bytes]:
        return Response(metrics.text(), media_type=TEXT_FORMAT)

    return [healthz, exposition]

"""Routes about what leaves the system."""

from litestar import Router

from tallystick.api.routes.outgoing.deliveries import deliveries_router
from tallystick.api.routes.outgoing.schemas import fact_schemas_router
from tallystick.api.routes.outgoing.webhooks import webhooks_router

__all__ = ["outgoing_router"]

outgoing_router = Router(
    path="/", route_handlers=[deliveries_router, webhooks_router, fact_schemas_router]
)

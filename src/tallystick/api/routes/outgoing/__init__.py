"""Routes about what leaves the system."""

from tallystick.api.routes.outgoing.deliveries import deliveries_router
from tallystick.api.routes.outgoing.schemas import fact_schemas_router
from tallystick.api.routes.outgoing.webhooks import webhooks_router

__all__ = ["deliveries_router", "fact_schemas_router", "webhooks_router"]

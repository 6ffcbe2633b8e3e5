"""Routes of the credit that accounts hold."""

from tallystick.api.routes.credits.credits import credits_router
from tallystick.api.routes.credits.top_ups import top_ups_router

__all__ = ["credits_router", "top_ups_router"]

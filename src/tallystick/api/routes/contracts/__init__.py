"""Routes about contracts."""

from tallystick.api.routes.contracts.lines import lines_router
from tallystick.api.routes.contracts.subscriptions import subscriptions_router

__all__ = ["lines_router", "subscriptions_router"]

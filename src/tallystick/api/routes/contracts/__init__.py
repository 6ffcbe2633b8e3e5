"""Routes about contracts."""

from tallystick.api.routes.contracts.lines import lines_router
from tallystick.api.routes.contracts.payers import payers_router
from tallystick.api.routes.contracts.subscriptions import subscriptions_router

__all__ = ["lines_router", "payers_router", "subscriptions_router"]

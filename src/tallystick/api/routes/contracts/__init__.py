"""Routes about contracts."""

from tallystick.api.routes.contracts.subscriptions import subscriptions_router

__all__ = ["subscriptions_router"]

"""Routes of the credit that accounts hold."""

from tallystick.api.routes.credits.credits import credits_router

__all__ = ["credits_router"]

"""`/v1/retention`."""

from tallystick.api.routes.retention.rules import retention_router

__all__ = ["retention_router"]

"""Routes about workspaces and their clocks."""

from tallystick.api.routes.workspaces.clock import clock_router
from tallystick.api.routes.workspaces.workspaces import workspaces_router

__all__ = ["clock_router", "workspaces_router"]

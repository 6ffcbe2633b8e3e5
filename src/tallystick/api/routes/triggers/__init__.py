"""Routes of triggers."""

from tallystick.api.routes.triggers.starting import triggers_router

__all__ = ["triggers_router"]

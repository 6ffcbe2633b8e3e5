"""Routes of feeds."""

from tallystick.api.routes.feeds.reading import feeds_router

__all__ = ["feeds_router"]

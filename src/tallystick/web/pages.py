"""The routes of the live page."""

from __future__ import annotations

from litestar.types import ControllerRouterHandler

from tallystick.bootstrap import Application


def page_routes(application: Application) -> list[ControllerRouterHandler]:
    """Return the routes of the pages."""
    del application
    return []

"""The live page: this computer's usage and the bill that grows of it."""

from tallystick.web.pages import page_routes

__all__ = ["page_routes"]

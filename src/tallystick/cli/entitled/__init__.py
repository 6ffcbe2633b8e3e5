"""`tallystick entitlement`: what accounts may use, grants by hand, restrictions."""

from tallystick.cli.entitled.commands import entitlement_app

__all__ = ["entitlement_app"]

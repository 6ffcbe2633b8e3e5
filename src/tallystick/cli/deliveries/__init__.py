"""Commands about what leaves the system."""

from tallystick.cli.deliveries.commands import delivery_app

__all__ = ["delivery_app"]

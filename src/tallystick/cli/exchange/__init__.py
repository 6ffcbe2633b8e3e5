"""Commands about what other systems tell this one, and are told."""

from tallystick.cli.exchange.triggers import trigger_app

__all__ = ["trigger_app"]

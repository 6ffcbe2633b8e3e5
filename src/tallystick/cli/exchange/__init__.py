"""Commands about what other systems tell this one, and are told."""

from tallystick.cli.exchange.feeds import feed_app
from tallystick.cli.exchange.triggers import trigger_app

__all__ = ["feed_app", "trigger_app"]

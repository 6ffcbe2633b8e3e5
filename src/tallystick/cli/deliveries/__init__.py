"""Commands about what leaves the system."""

from tallystick.cli.deliveries.commands import delivery_app
from tallystick.cli.deliveries.webhooks import webhook_app

__all__ = ["delivery_app", "webhook_app"]

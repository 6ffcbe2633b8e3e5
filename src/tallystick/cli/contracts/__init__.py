"""Commands about contracts."""

from tallystick.cli.contracts.subscriptions import subscription_app

__all__ = ["subscription_app"]

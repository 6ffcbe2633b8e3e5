"""Commands about contracts."""

from tallystick.cli.contracts.plans import plan_app
from tallystick.cli.contracts.subscriptions import subscription_app

__all__ = ["plan_app", "subscription_app"]

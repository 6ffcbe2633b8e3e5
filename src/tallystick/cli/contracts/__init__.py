"""Commands about contracts."""

from tallystick.cli.contracts.entitlements import entitle, entitlements
from tallystick.cli.contracts.plans import plan_app
from tallystick.cli.contracts.subscriptions import subscription_app

subscription_app.command(entitlements)
subscription_app.command(entitle)

__all__ = ["plan_app", "subscription_app"]

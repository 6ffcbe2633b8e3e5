"""Commands about contracts."""

from tallystick.cli.contracts.accounts import account_app
from tallystick.cli.contracts.entitlements import entitle, entitlement_of_words, entitlements
from tallystick.cli.contracts.plans import plan_app
from tallystick.cli.contracts.subscriptions import subscription_app

subscription_app.command(entitlements)
subscription_app.command(entitle)

__all__ = ["account_app", "entitlement_of_words", "plan_app", "subscription_app"]

"""`tallystick quota`: what stands against limits, and counters beside their events."""

from tallystick.cli.quotas.commands import quota_app

__all__ = ["quota_app"]

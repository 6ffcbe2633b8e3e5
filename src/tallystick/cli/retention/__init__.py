"""`tallystick retention`."""

from tallystick.cli.retention.commands import retention_app

__all__ = ["retention_app"]

"""Commands about workspaces and their clocks."""

from tallystick.cli.workspaces.clock import clock_app
from tallystick.cli.workspaces.commands import workspace_app

__all__ = ["clock_app", "workspace_app"]

"""The command `tallystick`."""

from tallystick.cli.main import build_app, main

__all__ = ["build_app", "main"]

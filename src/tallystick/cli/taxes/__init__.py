"""`tallystick tax`."""

from tallystick.cli.taxes.commands import tax_app

__all__ = ["tax_app"]

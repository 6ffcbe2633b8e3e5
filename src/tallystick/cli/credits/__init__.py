"""`tallystick credit`: what accounts were given or bought, and what is left of it."""

from tallystick.cli.credits import rules
from tallystick.cli.credits.commands import credit_app

__all__ = ["credit_app", "rules"]

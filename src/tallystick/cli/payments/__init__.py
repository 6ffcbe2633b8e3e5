"""`tallystick payment`: what payers paid, and what became of it."""

from tallystick.cli.payments.commands import payment_app

__all__ = ["payment_app"]
